"""What followed a change, honestly: effects with intervals, and a refusal where nothing can be said."""
