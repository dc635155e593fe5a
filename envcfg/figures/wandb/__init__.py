"""Charts and workspaces inside of Weights & Biases."""
