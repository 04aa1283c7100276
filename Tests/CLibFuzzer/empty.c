// A target needs a source; the functions are libFuzzer's.
