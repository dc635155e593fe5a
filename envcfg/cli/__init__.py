"""The command line: `envcfg analyze`, `envcfg timeline`, `envcfg demo`."""
