"""What a government has said it will do, as a graph you can question."""
