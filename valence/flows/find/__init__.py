"""What answers a question: one customer, one loss, the causes, SQL, files of results."""
