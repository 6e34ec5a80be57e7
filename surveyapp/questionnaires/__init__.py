"""What is asked: workbooks, definitions, interviews. Imports neither Flask nor a database."""
