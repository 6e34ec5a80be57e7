"""The HTML pages for families, adolescents and field staff; they work without scripts."""
