package main

// Harm to the program itself and to what it stands on: kill -9, a full disk, a
// slow disk, a migration cut off, a backup brought back.

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
)

func processScenarios() []scenario {
	return []scenario{
		{name: "kill", what: "kill -9 of the server at random moments (SQLite)", play: func(t *testing.T, binary string, times int) result {
			return killServer(t, newOrdeal(t, binary, "", 1, nil), times, "petition")
		}},
		{name: "kill-crowd", what: "the same while 200 sign at a time, whose signatures wait to be put into their table", play: func(t *testing.T, binary string, times int) result {
			return killCrowd(t, newOrdeal(t, binary, "", 1, nil), times)
		}},
		{name: "migration", what: "kill -9 in the middle of `dauys migrate`, from the first schema to this one (SQLite)", quick: true, play: func(t *testing.T, binary string, times int) result {
			dir, i := t.TempDir(), 0
			return killMigration(t, binary, times, func() string {
				i++
				return "sqlite:" + filepath.Join(dir, fmt.Sprint(i, ".db"))
			})
		}},
		{name: "migration-pg", what: "the same on PostgreSQL", needs: "postgres", play: func(t *testing.T, binary string, times int) result {
			c := newCluster(t)
			return killMigration(t, binary, times, func() string {
				c.sql("DROP SCHEMA public CASCADE")
				c.sql("CREATE SCHEMA public")
				return c.address()
			})
		}},
		{name: "disk-full", what: "the disk of the database is full for 3 s (SQLite on a small file system); pages are read all the while", needs: "root", play: fullDisk},
		{name: "disk-slow", what: "every fsync of the server takes 150 ms more for 5 s (strace, SQLite)", needs: "strace", play: slowDisk},
		{name: "memory", what: "3,500 press in with forms of 60 kB and searches for 5 s; the server may have 320 MiB (SQLite)", play: pressMemory},
		{name: "restore", what: "backups are brought back at random moments while people retry (SQLite)", play: func(t *testing.T, binary string, times int) result {
			return restoreBackups(t, binary, "", times)
		}},
		{name: "restore-pg", what: "the same on PostgreSQL", needs: "postgres", play: func(t *testing.T, binary string, times int) result {
			return restoreBackups(t, binary, newCluster(t).address(), times)
		}},
	}
}

// killServer kills the first server at random moments and starts it again.
func killServer(t *testing.T, o *ordeal, times int, kind string) result {
	random := dice(t)
	o.begin(nil, kind)
	for range times {
		time.Sleep(time.Duration(150+random.IntN(1200)) * time.Millisecond)
		since := time.Now()
		o.sites[0].kill()
		o.must(o.sites[0].start("serve"))
		o.harm(since, time.Minute)
	}
	return o.finish()
}

// killCrowd does it to a server with so many people that they are committed as a
// crowd, and tells how many had not been put into their table when it was killed.
func killCrowd(t *testing.T, o *ordeal, times int) result {
	db, _, _ := openSQL(t, o.database)
	defer db.Close()
	o.atATime = 200
	random := dice(t)
	var recent []int
	o.begin(nil, "petition")
	for range times {
		time.Sleep(time.Duration(500+random.IntN(2500)) * time.Millisecond)
		since := time.Now()
		o.sites[0].kill()
		var n int
		if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM recent r, json_each(r.people)`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		recent = append(recent, n)
		o.must(o.sites[0].start("serve"))
		o.harm(since, time.Minute)
	}
	slices.Sort(recent)
	o.result.note = fmt.Sprintf("%d to %d of them at a kill", recent[0], recent[len(recent)-1])
	return o.finish()
}

// killMigration brings a database of the first release to this one, and is
// killed at a random moment, again and again. fresh empties a database. How
// long it takes undisturbed is looked at first: on a busy machine a fixed time
// would end before its first step.
func killMigration(t *testing.T, binary string, times int, fresh func() string) (r result) {
	random := dice(t)
	var came steps
	first := func() (*site, string) {
		database := fresh()
		firstRelease(t, database)
		return crashSite(t, binary, t.TempDir(), database), database
	}
	s, _ := first()
	since := time.Now()
	s.run(t, "migrate")
	whole := time.Since(since)
	for range times {
		s, database := first()
		for range 3 {
			killAfter(t, s, time.Duration(random.Int64N(int64(whole))), "migrate")
			r.faults++
			came.note(t, database, 1)
		}
		since := time.Now()
		s.run(t, "migrate")
		r.recovered = append(r.recovered, time.Since(since))
		s.run(t, "check")
	}
	r.note = came.String()
	return r
}

// steps counts how far kills let a migration come.
type steps struct{ none, some, all int }

// note looks where a database stands that was at the step first before.
func (n *steps) note(t *testing.T, database string, first int64) {
	t.Helper()
	db, _, _ := openSQL(t, database)
	defer db.Close()
	var at int64
	if err := db.QueryRowContext(t.Context(), "SELECT max(version_id) FROM schema_version").Scan(&at); err != nil {
		t.Fatal(err)
	}
	switch {
	case at == first:
		n.none++
	case at == lastStep(t):
		n.all++
	default:
		n.some++
	}
}

func (n *steps) String() string {
	return fmt.Sprintf("%d kills came before its first step was done, %d between two steps, %d when all were", n.none, n.some, n.all)
}

// lastStep is the schema of this version.
func lastStep(t *testing.T) int64 {
	t.Helper()
	files, err := filepath.Glob("internal/store/migrations/sqlite/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	n, err := goose.NumericComponent(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// openSQL opens a database past the store, with what goose must know of it.
func openSQL(t *testing.T, database string) (*sql.DB, goose.Dialect, string) {
	t.Helper()
	driver, name, dialect, dir := "pgx", database, goose.DialectPostgres, "postgres"
	if file, ok := strings.CutPrefix(database, "sqlite:"); ok {
		driver, name, dialect, dir = "sqlite", file+"?_pragma=busy_timeout(10000)", goose.DialectSQLite3, "sqlite"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	return db, dialect, "internal/store/migrations/" + dir
}

// killAfter runs a command of a site and kills it.
func killAfter(t *testing.T, s *site, after time.Duration, args ...string) {
	t.Helper()
	cmd := exec.Command(s.binary, args...)
	cmd.Env = s.env
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill() // it may have ended
	_ = cmd.Wait()
}

// firstRelease makes a database with the schema of the first migration.
func firstRelease(t *testing.T, database string) {
	t.Helper()
	db, dialect, dir := openSQL(t, database)
	defer db.Close()
	p, err := goose.NewProvider(dialect, db, os.DirFS(dir),
		goose.WithDisableGlobalRegistry(true), goose.WithTableName("schema_version"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
}

// fullDisk puts the database on a file system of its own and fills it.
func fullDisk(t *testing.T, binary string, times int) result {
	times = min(times, 5)
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size=64m"); err != nil {
		t.Fatalf("no file system of our own: %v", err)
	}
	o := newOrdeal(t, binary, "sqlite:"+filepath.Join(disk, "dauys.db"), 1, nil)
	t.Cleanup(func() {
		o.sites[0].kill()
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	o.begin(nil, "petition")
	ballast := filepath.Join(disk, "ballast")
	for range times {
		// A log that has room in itself needs none on the disk: a new one grows.
		o.must(o.sites[0].stop())
		o.must(o.sites[0].start("serve"))
		fill(t, ballast)
		o.refuses(3 * time.Second)
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		o.harm(time.Now(), time.Minute)
	}
	return o.finish()
}

// fill writes a file until the disk takes no more.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 512; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// refuses watches a site whose disk is full: the page is read all the time, and
// a form is answered 503 with the time to come again. Until its log has no room
// left in itself the site goes on taking them; it is watched for so long from
// the first refusal on.
func (o *ordeal) refuses(span time.Duration) {
	o.t.Helper()
	page := fmt.Sprintf("/en/petitions/%d", o.load.number)
	refused := false
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if a, err := o.sites[0].get(o.t.Context(), page); err != nil || a.status != http.StatusOK {
			o.t.Errorf("the page of the petition: status %d, %v", a.status, err)
		}
		form := fmt.Sprintf("email=somebody%d@elsewhere.example&eligible=yes", time.Now().UnixNano())
		a, err := o.sites[0].do(o.t.Context(), http.MethodPost, page+"/sign", nil, form)
		if err == nil && a.status == http.StatusServiceUnavailable {
			if !refused {
				refused, deadline = true, time.Now().Add(span)
			}
			if a.header.Get("Retry-After") == "" {
				o.t.Error("503 without Retry-After")
			}
		}
	}
	if !refused {
		o.t.Error("the disk was full, and no form was refused")
	}
}

// slowDisk delays every fsync of the server.
func slowDisk(t *testing.T, binary string, times int) result {
	times = min(times, 5)
	o := newOrdeal(t, binary, "", 1, nil)
	o.begin(nil, "petition")
	for range times {
		begin := time.Now()
		trace := exec.Command("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
			"-e", "inject=fsync,fdatasync:delay_enter=150000", "-p", strconv.Itoa(o.sites[0].cmd.Process.Pid))
		if err := trace.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		_ = trace.Process.Signal(syscall.SIGINT) // it lets go of the server
		_ = trace.Wait()
		if n := o.load.acks.between(begin, time.Now()); n == 0 {
			t.Error("nobody was counted on a slow disk")
		}
		o.harm(time.Now(), time.Minute)
	}
	if slowest := o.load.acks.slowest; slowest < 150*time.Millisecond {
		t.Errorf("the slowest answer took %v: the disk was not slow", slowest)
	}
	o.result.note = "slowest answer " + seconds(o.load.acks.slowest)
	return o.finish()
}
