"""Reading Markdown files and turning them into passages of prose."""
