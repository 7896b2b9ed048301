"""Files of customers and staff: read within limits, known by their content, scanned, written anew, and only then kept."""
