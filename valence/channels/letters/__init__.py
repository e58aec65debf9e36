"""What messages look like: mails as MJML turned into HTML that mail programs bear, and the same as plain text."""
