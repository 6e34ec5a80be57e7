"""What files are by their content, and how pictures and films lose the places in them; pure Python."""
