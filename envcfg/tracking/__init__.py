"""The recorder in a training process: it writes each adopted config to the journal, then calls the sinks."""
