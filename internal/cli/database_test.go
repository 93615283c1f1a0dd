package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWriteFileIsWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "site.backup")
	put := func(text string, err error) error {
		return writeFile(path, func(w io.Writer) error { io.WriteString(w, text); return err })
	}
	if err := put("first", nil); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := put("second, half wri", broken); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if b, err := os.ReadFile(path); string(b) != "first" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if err := put("third", nil); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "third" {
		t.Errorf("%q", b)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if err := writeFile(filepath.Join(dir, "none", "x"), func(io.Writer) error { return nil }); err == nil {
		t.Error("a missing directory is not noticed")
	}
}

func keyDir(t *testing.T, keys map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range keys {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCopyKeys(t *testing.T) {
	from := keyDir(t, map[string]string{"mail.key": "one", "link.key": "two", "readme": "not a key"})
	to := filepath.Join(t.TempDir(), "a", "b")
	for range 2 { // the second time they are there already
		if err := copyKeys(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if b, _ := os.ReadFile(filepath.Join(to, "mail.key")); string(b) != "one" {
		t.Errorf("mail.key is %q", b)
	}
	if _, err := os.Stat(filepath.Join(to, "readme")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("readme: %v", err)
	}
	for _, name := range []string{"", "mail.key", "link.key"} {
		info, err := os.Stat(filepath.Join(to, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// Other keys are never overwritten, not even the first of several.
func TestCopyKeysRefusesOtherKeys(t *testing.T) {
	from := keyDir(t, map[string]string{"link.key": "new link", "mail.key": "new mail", "server.key": "new server"})
	to := keyDir(t, map[string]string{"mail.key": "old mail"})
	if err := copyKeys(from, to); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("%v", err)
	}
	if b, _ := os.ReadFile(filepath.Join(to, "mail.key")); string(b) != "old mail" {
		t.Errorf("mail.key is %q", b)
	}
	if _, err := os.Stat(filepath.Join(to, "link.key")); !errors.Is(err, os.ErrNotExist) {
		t.Error("half of the keys were copied: the directory now mixes two sites")
	}
	if err := copyKeys(t.TempDir(), to); err == nil {
		t.Error("an empty directory passes for keys")
	}
}

// command runs a command line in a place of its own.
type command struct {
	dir      string
	environ  []string
	out, err bytes.Buffer
}

func newCommand(t *testing.T) *command {
	t.Helper()
	dir := t.TempDir()
	return &command{dir: dir, environ: []string{"DAUYS_DATABASE=sqlite:" + filepath.Join(dir, "dauys.db"), "DAUYS_KEYS=" + filepath.Join(dir, "keys")}}
}

func (c *command) run(ctx context.Context, args ...string) error {
	c.out.Reset()
	c.err.Reset()
	e := &env{out: &c.out, err: &c.err, environ: c.environ, now: time.Now}
	root := e.root()
	root.SetArgs(args)
	root.SetOut(&c.out)
	root.SetErr(&c.err)
	return root.ExecuteContext(ctx)
}

func TestCommandsOnAnEmptyDatabase(t *testing.T) {
	c := newCommand(t)
	file := filepath.Join(c.dir, "few.csv")
	if err := os.WriteFile(file, []byte("Petition,URL,State,Signatures Count\nOne,https://p.example/petitions/1,open,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"migrate"}, "the database is at this version\n"},
		{[]string{"migrate"}, "the database is at this version\n"},
		{[]string{"check"}, "everything agrees\n"},
		{[]string{"import", "uk", file}, "imported 1, unchanged 0, rejected 0\n"},
		{[]string{"import", "uk", file, file}, "imported 0, unchanged 2, rejected 0\n"},
		{[]string{"check"}, "everything agrees\n"},
	} {
		if err := c.run(t.Context(), step.args...); err != nil || c.out.String() != step.want || c.err.Len() > 0 {
			t.Errorf("%v: %q %q %v", step.args, &c.out, &c.err, err)
		}
	}
}

// Check must be able to fail.
func TestCheckFindsWhatIsBroken(t *testing.T) {
	c := newCommand(t)
	if err := c.run(t.Context(), "migrate"); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(c.dir, "dauys.db")
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, info.Size()-8192); err != nil {
		t.Fatal(err)
	}
	if err := c.run(t.Context(), "check"); err == nil {
		t.Errorf("a database without its end: %q", &c.out)
	}
}

func TestImportStopsWhenAsked(t *testing.T) {
	c := newCommand(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.run(ctx, "import", "uk", "../../testdata/uk/241584.json"); err == nil || strings.Contains(c.out.String(), "imported 1") {
		t.Errorf("%q, %v", &c.out, err)
	}
}

// A site never gets a database that its keys do not open.
func TestRestoreWithOtherKeysChangesNothing(t *testing.T) {
	saved, c := newCommand(t), newCommand(t)
	file, bodies := filepath.Join(saved.dir, "site.backup"), filepath.Join(c.dir, "bodies.csv")
	if err := os.WriteFile(bodies, []byte("id,name.en,kind\nsand,Ministry of Sand,ministry\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		at   *command
		args []string
	}{
		{saved, []string{"staff", "add", "--email", "a@desk.example", "--role", "admin"}},
		{saved, []string{"backup", "--keys", file}},
		{c, []string{"staff", "add", "--email", "b@desk.example", "--role", "admin"}},
		{c, []string{"body", "import", bodies}},
	} {
		if err := step.at.run(t.Context(), step.args...); err != nil {
			t.Fatalf("%v: %v", step.args, err)
		}
	}
	if err := c.run(t.Context(), "restore", "--replace", "--keys", file); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("%v", err)
	}
	if err := c.run(t.Context(), "body", "import", bodies); err != nil || !strings.Contains(c.out.String(), "unchanged 1") {
		t.Errorf("the database was replaced: %q, %v", &c.out, err)
	}
}
