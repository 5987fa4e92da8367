"""A Markdown file becomes passages of prose."""
