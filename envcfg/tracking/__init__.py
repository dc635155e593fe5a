"""The recorder inside a training process: what an env adopted goes to the journal first, then to the sinks."""
