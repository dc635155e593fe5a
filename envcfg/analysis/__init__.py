"""Tables and numbers about a history: pure functions, without plotting and without a console."""
