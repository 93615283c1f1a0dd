package cli

import (
	"errors"
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

// containerMemory is the limit of the control group this process runs in (v2,
// then v1); 0 where there is none. v1 writes a number near 2^63 for none.
func containerMemory(read func(string) ([]byte, error)) int64 {
	for _, name := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		b, err := read(name)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 && n < 1<<50 {
			return n
		}
	}
	return 0
}
