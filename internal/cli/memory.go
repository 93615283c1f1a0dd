package cli

import (
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
)

// besidesHeap is what the process takes that Go's limit does not know: SQLite's
// caches, which its allocator maps itself, and stacks of the system.
const besidesHeap = 128 << 20

// leastHeap is the least limit that is set: below it the collector would never rest.
const leastHeap = 64 << 20

// parseMemory reads DAUYS_MEMORY: auto (0), off (-1), or a number with KiB, MiB or GiB.
func parseMemory(v string) (int64, error) {
	switch v {
	case "auto":
		return 0, nil
	case "off":
		return -1, nil
	}
	for unit, size := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		digits, ok := strings.CutSuffix(v, unit)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n < 1 || n > 1<<50/size {
			break
		}
		return n * size, nil
	}
	return 0, errors.New("want auto, off, or a size as 512MiB or 2GiB")
}

// heapLimit is how large the heap may grow under the setting, or under nine
// tenths of the container's limit; 0 for no limit.
func (c *Config) heapLimit(read func(string) ([]byte, error)) int64 {
	limit := c.Memory
	if limit == 0 {
		limit = containerMemory(read) / 10 * 9
	}
	if limit <= 0 {
		return 0
	}
	return max(limit-besidesHeap, leastHeap)
}

// containerMemory is the lowest limit of the control groups this process runs
// in, its own and those above (v2 and v1): a service of systemd sees the whole
// tree and is told by /proc where in it it stands, a container sees itself as
// the root. 0 where there is none. v1 writes a number near 2^63 for none.
func containerMemory(read func(string) ([]byte, error)) (least int64) {
	for _, name := range memoryFiles(read) {
		b, err := read(name)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 && n < 1<<50 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// memoryFiles are where the limits of this process may stand, from the roots down.
func memoryFiles(read func(string) ([]byte, error)) []string {
	const v2, v1 = "/memory.max", "/memory.limit_in_bytes"
	root := map[string]string{v2: "/sys/fs/cgroup", v1: "/sys/fs/cgroup/memory"}
	files := []string{root[v2] + v2, root[v1] + v1}
	b, err := read("/proc/self/cgroup")
	if err != nil {
		return files
	}
	for line := range strings.Lines(string(b)) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3) // number:controllers:path
		file := v2
		switch {
		case len(f) != 3 || f[1] != "" && !slices.Contains(strings.Split(f[1], ","), "memory"):
			continue
		case f[1] != "":
			file = v1
		}
		dir := root[file]
		for part := range strings.SplitSeq(strings.Trim(f[2], "/"), "/") {
			if part != "" && part != ".." {
				dir = path.Join(dir, part)
				files = append(files, dir+file)
			}
		}
	}
	return files
}
