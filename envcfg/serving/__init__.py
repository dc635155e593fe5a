"""The live page: the runs below a folder, served to a browser on this machine."""
