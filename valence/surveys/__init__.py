"""What customers are asked: surveys, their questions, when a question is asked, and what an answer becomes."""
