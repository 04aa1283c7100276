"""What a file system would hold after its power was cut, from a journal of changes that shim.c wrote.

The file system is as careless as POSIX allows: of a file it holds what was there at the last flush, of a folder the
names that were in it at its last flush. Of everything later it holds any part: none, a prefix, or any subset of the
changes, with a last write that may be torn. Or it is one with a journal of names, where each flush brings all names
before it to the disk, and the bytes of other files stay behind.
"""

from dataclasses import dataclass, field


@dataclass
class File:
    durable: bytes = b""
    # Writes (offset, bytes) and cuts (size, None) since the last flush.
    pending: list = field(default_factory=list)

    def apply(self, changes):
        content = bytearray(self.durable)
        for place, data in changes:
            if data is None:
                del content[place:]
                content.extend(bytes(place - len(content)))
            else:
                content.extend(bytes(max(place - len(content), 0)))
                content[place:place + len(data)] = data
        return bytes(content)

    def flush(self):
        self.durable, self.pending = self.apply(self.pending), []


@dataclass
class Folder:
    # Names now, and at the last flush.
    current: dict = field(default_factory=dict)
    durable: dict = field(default_factory=dict)
    # Each change gives names another file or none, all at once.
    pending: list = field(default_factory=list)

    def change(self, names):
        apply(self.current, names)
        self.pending.append(names)

    def flush(self):
        self.durable, self.pending = dict(self.current), []


def apply(names, change):
    for name, item in change.items():
        if item is None:
            names.pop(name, None)
        else:
            names[name] = item


class Disk:
    def __init__(self, folder, has_journal=False):
        """A disk that holds a folder, flushed."""
        self.root = self.load(folder)
        self.has_journal = has_journal
        self.files = {}

    def load(self, folder):
        items = {
            path.name: self.load(path) if path.is_dir() else File(path.read_bytes()) for path in folder.iterdir()
        }
        return Folder(dict(items), dict(items))

    def find(self, path):
        item = self.root
        for name in path.split("/") if path != "." else []:
            item = item.current.get(name) if isinstance(item, Folder) else None
        return item

    def parent(self, path):
        folder, _, name = path.rpartition("/")
        return self.find(folder or "."), name

    def replay(self, event):
        kind, first, second, path, data = event
        if kind == "C":
            self.files[first] = File()
            folder, name = self.parent(path)
            folder.change({name: self.files[first]})
        elif kind == "O":
            self.files[first] = self.find(path)
        elif kind == "W":
            self.files[first].pending.append((second, data))
        elif kind == "T":
            self.files[first].pending.append((second, None))
        elif kind == "F":
            item = self.find(path)
            (item if isinstance(item, Folder) else self.files[first]).flush()
            if self.has_journal:
                self.flush_names(self.root)
        elif kind == "D":
            folder, name = self.parent(path)
            folder.change({name: Folder()})
        elif kind == "U":
            folder, name = self.parent(path)
            folder.change({name: None})
        elif kind in "RL":
            (folder, name), (target, new) = self.parent(path), self.parent(data.decode())
            item = folder.current[name]
            if kind == "L":
                target.change({new: item})
            elif folder is target:
                folder.change({name: None, new: item})
            else:
                target.change({new: item})
                folder.change({name: None})

    def flush_names(self, folder):
        folder.flush()
        for item in folder.current.values():
            if isinstance(item, Folder):
                self.flush_names(item)

    def write(self, folder, chance):
        """Writes what is left after a cut to a folder. Every other time nothing survives that was not flushed."""
        self.forgets = chance.random() < 0.5
        self.write_folder(self.root, folder, chance)

    def write_folder(self, item, place, chance):
        names = dict(item.durable)
        for change in [] if self.forgets else survivors(item.pending, chance):
            apply(names, change)
        place.mkdir(exist_ok=True)
        for name, below in names.items():
            if isinstance(below, Folder):
                self.write_folder(below, place / name, chance)
            else:
                changes = [] if self.forgets else torn(survivors(below.pending, chance), chance)
                (place / name).write_bytes(below.apply(changes))


def survivors(changes, chance):
    """The changes since the last flush that reached the disk: none, all, a prefix, or any."""
    manner = chance.choice(["none", "all", "prefix", "any"])
    if manner == "prefix":
        return changes[:chance.randint(0, len(changes))]
    if manner == "any":
        return [change for change in changes if chance.random() < 0.5]
    return changes if manner == "all" else []


def torn(changes, chance):
    """The last write may have reached the disk in part, or only its length."""
    if not changes or changes[-1][1] is None or chance.random() < 0.5:
        return changes
    place, data = changes[-1]
    kept = chance.randint(0, len(data))
    data = data[:kept] + (bytes(len(data) - kept) if chance.random() < 0.3 else b"")
    return changes[:-1] + [(place, data)]


def read(path):
    """The events of a journal; one that was cut off is left out."""
    data, events, at = path.read_bytes(), [], 0
    while (end := data.find(b"\n", at)) >= 0:
        kind, *numbers = data[at:end].decode().split(" ")
        first, second, path_length, length = map(int, numbers)
        begin = end + 1 + path_length
        if begin + length > len(data):
            break
        events.append((kind, first, second, data[end + 1:begin].decode(), data[begin:begin + length]))
        at = begin + length
    return events
