// A target needs a source; this one only has headers.
