"""Files that tmscards keeps, and digests of what they were made from."""
