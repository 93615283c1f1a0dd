package vault

import (
	"encoding/base64"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func open1(t testing.TB, dir string) *Vault {
	t.Helper()
	v, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestKeysAreMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first := open1(t, dir)
	if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v %v", fi.Mode(), err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 5 {
		t.Fatalf("%d files, %v; want 5 keys and nothing besides", len(files), err)
	}
	for _, f := range files {
		if fi, err := f.Info(); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f.Name(), fi.Mode(), err)
		}
	}
	again := open1(t, dir)
	if !maps.EqualFunc(first.keys, again.keys, slices.Equal) {
		t.Error("the keys of the second start are others")
	}
	seen := map[string]bool{}
	for name, k := range first.keys {
		if len(k) != 32 || seen[string(k)] {
			t.Errorf("%s: %d bytes, seen before %v", name, len(k), seen[string(k)])
		}
		seen[string(k)] = true
	}
}

func TestTwoStartsAtOnceAgree(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	vaults := make([]*Vault, 8)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range vaults {
		wg.Go(func() {
			<-start
			v, err := Open(dir)
			if err != nil {
				t.Error(err)
				return
			}
			vaults[i] = v
		})
	}
	close(start)
	wg.Wait()
	for _, v := range vaults {
		if v == nil || !maps.EqualFunc(v.keys, vaults[0].keys, slices.Equal) {
			t.Fatal("two starts hold different keys: what one seals the other cannot open")
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 5 {
		t.Errorf("%d files, %v; a half-made key stayed", len(files), err)
	}
}

func TestAMissingKeyIsMadeAndTheOthersStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first := open1(t, dir)
	if err := os.Remove(filepath.Join(dir, "link.key")); err != nil {
		t.Fatal(err)
	}
	again := open1(t, dir)
	if slices.Equal(first.keys[linkKey], again.keys[linkKey]) || !slices.Equal(first.keys[mailKey], again.keys[mailKey]) {
		t.Error("the wrong key is new")
	}
}

func TestACorruptKeyIsRefused(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for name, content := range map[string]string{
		"empty": "", "blank": "\n", "short": base64.StdEncoding.EncodeToString(make([]byte, 31)),
		"long": base64.StdEncoding.EncodeToString(make([]byte, 33)), "not base64": strings.Repeat("!", 44), "twice": good + "\n" + good,
		"cut": good[:40],
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "broker.key")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir)
			if err == nil || !strings.Contains(err.Error(), "broker.key") {
				t.Errorf("%v: want a refusal that names the file", err)
			}
			if b, _ := os.ReadFile(path); string(b) != content {
				t.Error("the file was written over")
			}
		})
	}
}

func TestKeysThatCannotBeKeptAreNotUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "keys")); err == nil {
		t.Error("opened below a file")
	}
}
