// Documents and edits that several tests share.
export const FILE = `import os


def first(a):
    value = os.path.join(a, "first")
    return value


def second(a):
    value = os.path.join(a, "second")
    return value


def third(a):
    value = os.path.join(a, "third")
    return value
`;
export const THREE = `# ... existing code ...

def first(a):
    value = os.path.join(a, "1")
    return value


def second(a):
    value = os.path.join(a, "2")
    return value


def third(a):
    value = os.path.join(a, "3")
    return value
`;
export const AFTER_THREE = FILE.replace('"first"', '"1"').replace('"second"', '"2"').replace('"third"', '"3"');
