"""Records in a training process: writes each adopted config to the journal, then calls the sinks."""
