"""The answer: what happened in a run, as one paragraph that the command line, the report and notebooks share."""
