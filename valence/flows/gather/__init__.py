"""What brings interactions in and keeps what came right: files, feeds, records, identities, undoing, quality."""
