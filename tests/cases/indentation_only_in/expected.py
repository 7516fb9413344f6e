def close(handles):
    for handle in handles:
        handle.flush()
        handle.close()


def shut(door):
    door.close()
