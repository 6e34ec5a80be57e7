"""What is asked: workbooks, definitions, expressions, interviews. Imports neither Flask nor a database."""
