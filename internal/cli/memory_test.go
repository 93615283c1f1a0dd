package cli

import (
	"errors"
	"os"
	"path/filepath"
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

// Trees as the kernel shows them (cgroups v2 and hybrid), as files.
func TestMemoryLimitOfATree(t *testing.T) {
	const self, v2, v1 = "/proc/self/cgroup", "/sys/fs/cgroup/", "/sys/fs/cgroup/memory/"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"a container, which sees its own group as the root": {map[string]string{self: "0::/\n",
			v2 + "memory.max": "536870912\n", v2 + "memory.high": "max\n", v2 + "memory.peak": "1\n"}, 512 << 20},
		"a container without a limit": {map[string]string{self: "0::/\n", v2 + "memory.max": "max\n"}, 0},
		"a service: the root has no such file, the slice no limit": {map[string]string{self: "0::/system.slice/dauys.service\n",
			v2 + "system.slice/memory.max": "max\n", v2 + "system.slice/dauys.service/memory.max": "335544320\n"}, 320 << 20},
		"the slice allows less than the service": {map[string]string{self: "0::/a.slice/b.service\n",
			v2 + "a.slice/memory.max": "1000\n", v2 + "a.slice/b.service/memory.max": "2000\n"}, 1000},
		"a group beside ours": {map[string]string{self: "0::/a.slice\n",
			v2 + "a.slice/memory.max": "max\n", v2 + "b.slice/memory.max": "2000\n"}, 0},
		"a process moved out of what it sees": {map[string]string{self: "0::/../other\n", v2 + "memory.max": "3000\n"}, 3000},
		"hybrid: v2 has no memory": {map[string]string{self: "4:memory:/app\n1:name=systemd:/\n0::/\n",
			v1 + "memory.limit_in_bytes": "9223372036854771712\n", v1 + "app/memory.limit_in_bytes": "4000\n"}, 4000},
		"no groups": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for file, text := range c.files {
				path := filepath.Join(root, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := containerMemory(func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(root, name)) }); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}
