"""Tables and numbers about a history: pure, without a plotting library and without a console."""
