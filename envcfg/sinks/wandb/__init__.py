"""A run in Weights & Biases, as a sink: live metrics, versioned artifacts, and a linked journal."""
