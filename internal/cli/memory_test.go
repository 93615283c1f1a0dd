package cli

import (
	"errors"
	"testing"
)

func TestMemoryLimit(t *testing.T) {
	files := func(name, text string) func(string) ([]byte, error) {
		return func(asked string) ([]byte, error) {
			if asked == name {
				return []byte(text), nil
			}
			return nil, errors.New("no such file")
		}
	}
	const v2, v1 = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"
	for _, c := range []struct {
		setting    string
		file, text string
		want       int64
	}{
		{"auto", v2, "max\n", 0},
		{"auto", v2, "1000000000\n", 900_000_000 - besidesHeap},
		{"auto", v1, "1000000000\n", 900_000_000 - besidesHeap},
		{"auto", v1, "9223372036854771712\n", 0},
		{"auto", "", "", 0},
		{"auto", v2, "100000000\n", leastHeap},
		{"off", v2, "1000000000\n", 0},
		{"512MiB", v2, "1000000000\n", 384 << 20},
		{"2GiB", "", "", 2<<30 - besidesHeap},
		{"1KiB", "", "", leastHeap},
	} {
		n, err := parseMemory(c.setting)
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{Memory: n}
		if got := cfg.heapLimit(files(c.file, c.text)); got != c.want {
			t.Errorf("%s with %s %q: %d, want %d", c.setting, c.file, c.text, got, c.want)
		}
	}
	tree := map[string]string{"/proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/old/one\n0::/system.slice/dauys.service\n",
		"/sys/fs/cgroup/system.slice/memory.max": "3000000000\n", "/sys/fs/cgroup/system.slice/dauys.service/memory.max": "2000000000\n",
		"/sys/fs/cgroup/memory/old/one/memory.limit_in_bytes": "4000000000\n"}
	read := func(name string) ([]byte, error) {
		if text, ok := tree[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}
	for _, c := range []struct {
		without string
		want    int64
	}{{"", 2_000_000_000}, {"/sys/fs/cgroup/system.slice/dauys.service/memory.max", 3_000_000_000}, {"/sys/fs/cgroup/system.slice/memory.max", 4_000_000_000}, {"/proc/self/cgroup", 0}} {
		if delete(tree, c.without); containerMemory(read) != c.want {
			t.Errorf("without %s: %d, want %d", c.without, containerMemory(read), c.want)
		}
	}
	for _, v := range []string{"", "512", "MiB", "-1MiB", "0GiB", "1.5GiB", "9999999999GiB"} {
		if _, err := parseMemory(v); err == nil {
			t.Errorf("%q was accepted", v)
		}
	}
}
