package main

// Stories: people and operators use the real program, in testdata/stories.
// `dauys` in a script is the program itself. Besides it the scripts know
//
//	demo, serve [args]      start the server and wait until it is ready; its database, keys and
//	                        letters are then those of the other commands of the script
//	shutdown, kill9         end it politely (exit 0 within 10 s), or as a power cut would
//	clock DURATION          the servers of the script run by a clock that goes so much before the real one
//	with 'Name: value'      a header of the next request
//	get TARGET STATUS       TARGET is a path or a whole address; the answer is kept, $LOCATION set;
//	                        a public page may be a moment old: for 2 s it is asked for again until
//	                        it is what this and the next body-contains or body-lacks want
//	post TARGET STATUS [field=value | file:NAME | field=file:NAME]...
//	                        a form; file:NAME is a whole body
//	request METHOD TARGET STATUS
//	header NAME TEXT        the kept answer has this header with TEXT in it; ! header NAME: has none
//	body-contains TEXT, body-lacks TEXT
//	capture NAME REGEXP     first group, out of the kept body
//	save FILE               the kept body
//	json TARGET PATH VALUE  waits at most 2 s for the value at a path like data.0.id (len of a list);
//	                        VALUE is text, null, N+1, >N, or =NAME to capture it
//	json-same TARGET PATH FILE PATH   equal in value
//	letter ADDR [SUBJECT]   waits for the next unread letter to ADDR, keeps its text, sets $LINK to its
//	                        first link and $LINK2 to the next; ! letter ADDR: none comes
//	supporters N TARGET LANG   N new people sign TARGET/sign, each by the link of a letter
//	advance TIME [TARGET TEXT] moves the demo's clock, again and again until the page has TEXT
//	harmless WORD TARGET...  each page, feed, document or picture shows WORD, and is not marked up by it
//	absent WORD... -- FILE...  no file or directory holds the words, in clear or packed;
//	                        ! absent: each file holds them all
//	trace NAME QUERY         keeps the bytes that a query finds in the SQLite database, one row at least
//	traced FILE...           the files and directories hold every trace somewhere, raw, in hex or in base64;
//	                        ! traced: none anywhere
//	login FILE              uses the login link, given or in the file: looking does not use it up, the button does;
//	                        then enrols for the code and shows one
//	from NAME FILE          the text of a file
//	fill FILE N TEXT        a file with N times TEXT
//
// A TEXT or SUBJECT like @kk:web.confirm.title is the longest piece without
// placeholders of that message, so that stories outlive a change of words.
//
// Conditions: [postgres] when DAUYS_TEST_POSTGRES is set ($POSTGRES is then an
// empty database), [short].

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dauys/dauys/internal/cli"
	"github.com/dauys/dauys/internal/staff"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"dauys":       func() { os.Exit(cli.Main(context.Background(), os.Args, os.Stdout, os.Stderr)) },
		"dauys-clock": func() { os.Exit(clockProgram()) },
	})
}

func TestStories(t *testing.T) {
	world := &demoWorld{dir: filepath.Join(t.TempDir(), "demo")}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/stories", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error { return setUpStory(env, world) },
		Condition: func(name string) (bool, error) {
			if name == "postgres" {
				return postgresServer() != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: storyCommands(),
	})
}

type storyCommand = func(s *story, neg bool, args []string)

// storyCommands are the commands by name, with the least and the most of
// their arguments (-1: any number).
func storyCommands() map[string]func(*testscript.TestScript, bool, []string) {
	cmds := map[string]func(*testscript.TestScript, bool, []string){}
	add := func(name string, least, most int, negatable bool, f storyCommand) {
		cmds[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if len(args) < least || most >= 0 && len(args) > most || neg && !negatable {
				ts.Fatalf("%s: wrong usage", name)
			}
			s := ts.Value(storyKey{}).(*story)
			s.ts = ts
			f(s, neg, args)
		}
	}
	add("demo", 0, 0, false, (*story).cmdDemo)
	add("serve", 0, -1, false, (*story).cmdServe)
	add("shutdown", 0, 0, false, func(s *story, _ bool, _ []string) { s.check(s.site.stop()) })
	add("kill9", 0, 0, false, func(s *story, _ bool, _ []string) { s.site.kill() })
	add("clock", 1, 1, false, (*story).cmdClock)
	add("with", 1, 1, false, (*story).cmdWith)
	add("get", 2, 2, false, func(s *story, _ bool, a []string) { s.send(http.MethodGet, a[0], a[1], "") })
	add("request", 3, 3, false, func(s *story, _ bool, a []string) { s.send(a[0], a[1], a[2], "") })
	add("post", 2, -1, false, (*story).cmdPost)
	add("header", 1, 2, true, (*story).cmdHeader)
	add("body-contains", 1, 1, false, func(s *story, _ bool, a []string) { s.cmdBody(a[0], true) })
	add("body-lacks", 1, 1, false, func(s *story, _ bool, a []string) { s.cmdBody(a[0], false) })
	add("capture", 2, 2, false, (*story).cmdCapture)
	add("save", 1, 1, false, func(s *story, _ bool, a []string) {
		s.check(os.WriteFile(s.ts.MkAbs(a[0]), []byte(s.kept.body), 0o600))
	})
	add("json", 3, 3, false, (*story).cmdJSON)
	add("json-same", 4, 4, false, (*story).cmdJSONSame)
	add("letter", 1, 2, true, (*story).cmdLetter)
	add("supporters", 3, 3, false, (*story).cmdSupporters)
	add("advance", 1, 3, false, (*story).cmdAdvance)
	add("harmless", 2, -1, false, (*story).cmdHarmless)
	add("absent", 3, -1, true, (*story).cmdAbsent)
	add("trace", 2, 2, false, (*story).cmdTrace)
	add("traced", 1, -1, true, (*story).cmdTraced)
	add("login", 1, 1, false, (*story).cmdLogin)
	add("fill", 3, 3, false, (*story).cmdFill)
	add("from", 2, 2, false, func(s *story, _ bool, a []string) { s.ts.Setenv(a[0], strings.TrimSpace(s.ts.ReadFile(a[1]))) })
	return cmds
}

type storyKey struct{}

// story is the state of one script.
type story struct {
	ts     *testscript.TestScript
	site   *site
	work   string
	base   []string // environment every process needs
	header http.Header
	kept   answer
	asked  func()          // asks for kept again; nil unless it was a GET
	read   map[string]bool // letters that were read
	people int             // supporters so far
	traces map[string][]byte
	world  *demoWorld
}

// demoWorld is the demo's fictional world, made by the program once and copied
// to each story: making it takes longer than most stories.
type demoWorld struct {
	dir  string
	once sync.Once
	err  error
}

// copyTo puts the world into dir. The first caller makes it, with a site of its own.
func (w *demoWorld) copyTo(dir string, maker site) error {
	w.once.Do(func() {
		if w.err = maker.start("demo", "--data", w.dir); w.err == nil {
			w.err = maker.stop()
		}
	})
	if w.err != nil {
		return w.err
	}
	if err := os.CopyFS(dir, os.DirFS(w.dir)); err != nil {
		return err
	}
	return os.Chmod(filepath.Join(dir, "keys"), 0o700)
}

// storyEnv are the settings a script may change by `env` before it starts the server.
var storyEnv = []string{"DAUYS_ADDR", "DAUYS_ADMIN_ADDR", "DAUYS_URL", "DAUYS_DATABASE", "DAUYS_MAIL", "DAUYS_KEYS", "DAUYS_LIMITS",
	"DAUYS_PROFILE", "DAUYS_OPERATOR", "DAUYS_LOG", "DAUYS_TRUSTED_PROXIES", "DAUYS_FIRST_NUMBER", "DAUYS_BOUNCES"}

func setUpStory(env *testscript.Env, world *demoWorld) error {
	binary, err := exec.LookPath("dauys")
	if err != nil {
		return err
	}
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	admin, err := freeAddr()
	if err != nil {
		return err
	}
	data, err := filepath.Abs("testdata")
	if err != nil {
		return err
	}
	s := &story{work: env.WorkDir, header: http.Header{}, read: map[string]bool{}, world: world, base: slices.Clone(env.Vars),
		site: &site{binary: binary, addr: addr, client: newClient(), out: filepath.Join(env.WorkDir, "server.out"), errs: filepath.Join(env.WorkDir, "server.err")}}
	env.Values[storyKey{}] = s
	env.Setenv("TESTDATA", data)
	env.Setenv("ADMIN", "http://"+admin)
	env.Setenv("URL", s.site.url())
	env.Setenv("DAUYS_ADDR", addr)
	env.Setenv("DAUYS_ADMIN_ADDR", admin)
	env.Setenv("DAUYS_LIMITS", "off")
	s.place(env.Setenv, "sqlite:"+filepath.Join(env.WorkDir, "dauys.db"), env.WorkDir)
	if server := postgresServer(); server != "" {
		schema, drop, err := newSchema(server)
		if err != nil {
			return err
		}
		env.Setenv("POSTGRES", schema)
		env.Defer(drop)
	}
	env.Defer(s.site.kill)
	return nil
}

// place names the database, and keys and letters in dir, to the commands of the script.
func (s *story) place(setenv func(string, string), database, dir string) {
	s.site.mail = filepath.Join(dir, "mail")
	setenv("DAUYS_DATABASE", database)
	setenv("DAUYS_KEYS", filepath.Join(dir, "keys"))
	setenv("DAUYS_MAIL", "file:"+s.site.mail)
}

func (s *story) check(err error) {
	if err != nil {
		s.ts.Fatalf("%v", err)
	}
}

// processEnv is the environment of the server, less what it must not see.
func (s *story) processEnv(without ...string) []string {
	env := slices.Clone(s.base)
	for _, name := range storyEnv {
		if v := s.ts.Getenv(name); v != "" && !slices.Contains(without, name) {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func (s *story) cmdServe(_ bool, args []string) {
	s.site.env = s.processEnv()
	s.site.mail = strings.TrimPrefix(s.ts.Getenv("DAUYS_MAIL"), "file:")
	s.check(s.site.start(append([]string{"serve"}, args...)...))
}

func (s *story) cmdClock(_ bool, args []string) {
	if _, err := time.ParseDuration(args[0]); err != nil {
		s.ts.Fatalf("clock: %v", err)
	}
	program, err := exec.LookPath("dauys-clock")
	s.check(err)
	file := filepath.Join(s.work, "clock")
	s.check(os.WriteFile(file+".new", []byte(args[0]), 0o600))
	s.check(os.Rename(file+".new", file))
	if s.site.binary != program {
		s.site.binary, s.base = program, append(s.base, clockEnv+"="+file)
	}
}

func (s *story) cmdDemo(bool, []string) {
	dir := filepath.Join(s.work, "demo")
	s.site.env = s.processEnv("DAUYS_DATABASE", "DAUYS_MAIL", "DAUYS_KEYS", "DAUYS_ADMIN_ADDR")
	s.place(s.ts.Setenv, "sqlite:"+filepath.Join(dir, "dauys.db"), dir)
	s.check(s.world.copyTo(dir, *s.site))
	s.check(s.site.start("demo", "--data", dir))
}

func (s *story) cmdWith(_ bool, args []string) {
	name, value, ok := strings.Cut(args[0], ": ")
	if !ok {
		s.ts.Fatalf("with: want 'Name: value'")
	}
	s.header.Add(name, value)
}

// send makes a request and keeps the answer.
func (s *story) send(method, target, status, body string) {
	headers := s.header
	s.header = http.Header{}
	s.asked = nil
	ask := func() {
		a, err := s.site.do(context.Background(), method, target, headers, body)
		s.check(err)
		s.kept = a
		s.ts.Setenv("LOCATION", a.header.Get("Location"))
	}
	ask()
	if method == http.MethodGet {
		s.asked = ask
	}
	if !s.shows(func() bool { return strconv.Itoa(s.kept.status) == status }) {
		s.ts.Fatalf("%s %s: status %d, want %s\n%s", method, target, s.kept.status, status, s.kept.body)
	}
}

// shows reports whether the kept answer is as wanted. One that may lawfully be
// a moment old is asked for again for as long as a change may take to show.
func (s *story) shows(wanted func() bool) bool {
	for deadline := time.Now().Add(showWithin); !wanted(); time.Sleep(50 * time.Millisecond) {
		if s.asked == nil || !strings.HasPrefix(s.kept.header.Get("Cache-Control"), "public") || time.Now().After(deadline) {
			return false
		}
		s.asked()
	}
	return true
}

func (s *story) cmdPost(_ bool, args []string) {
	var form []string
	for _, arg := range args[2:] {
		if name, ok := strings.CutPrefix(arg, "file:"); ok {
			form = append(form, strings.TrimSuffix(s.ts.ReadFile(name), "\n"))
			continue
		}
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			s.ts.Fatalf("post: %q is no field=value", arg)
		}
		if file, ok := strings.CutPrefix(value, "file:"); ok {
			value = s.ts.ReadFile(file)
		}
		form = append(form, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	s.send(http.MethodPost, args[0], args[1], strings.Join(form, "&"))
}

func (s *story) cmdHeader(neg bool, args []string) {
	got := strings.Join(s.kept.header.Values(args[0]), ", ")
	switch {
	case neg && (got == "" || len(args) == 2 && !strings.Contains(got, args[1])):
	case !neg && len(args) == 2 && strings.Contains(got, args[1]):
	default:
		s.ts.Fatalf("%s is %q", args[0], got)
	}
}

// hole is a placeholder of a message.
var hole = regexp.MustCompile(`\{\{[^}]*\}\}`)

// say is a text of a script: itself, or a piece of a message.
func (s *story) say(text string) string {
	lang, key, ok := strings.Cut(strings.TrimPrefix(text, "@"), ":")
	if !ok || text[0] != '@' {
		return text
	}
	files, err := filepath.Glob(filepath.Join("internal", "i18n", "locales", lang, "*.toml"))
	s.check(err)
	for _, file := range files {
		var messages map[string]map[string]any
		_, err := toml.DecodeFile(file, &messages)
		s.check(err)
		if m, ok := messages[key]; ok {
			return slices.MaxFunc(hole.Split(fmt.Sprint(m["other"]), -1), func(a, b string) int { return len(a) - len(b) })
		}
	}
	s.ts.Fatalf("there is no message %s", text)
	return ""
}

func (s *story) cmdBody(text string, want bool) {
	text = s.say(text)
	if !s.shows(func() bool {
		return (strings.Contains(s.kept.body, text) || strings.Contains(s.kept.body, template.HTMLEscapeString(text))) == want
	}) {
		s.ts.Fatalf("%q in the body: want %t\n%s", text, want, s.kept.body)
	}
}

func (s *story) cmdCapture(_ bool, args []string) {
	re, err := regexp.Compile(args[1])
	s.check(err)
	m := re.FindStringSubmatch(s.kept.body)
	if len(m) < 2 {
		s.ts.Fatalf("%s is not in the body:\n%s", args[1], s.kept.body)
	}
	s.ts.Setenv(args[0], m[1])
}

// at is the value at a path of a JSON document.
func at(document []byte, path string) (any, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	for key := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[key]
			if !ok {
				return nil, fmt.Errorf("there is no %s in %s", key, path)
			}
			v = next
		case []any:
			if key == "len" {
				v = json.Number(strconv.Itoa(len(x)))
				continue
			}
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(x) {
				return nil, fmt.Errorf("there is no %s in %s", key, path)
			}
			v = x[i]
		default:
			return nil, fmt.Errorf("%s leads below a value", path)
		}
	}
	return v, nil
}

// words is how a script writes a value.
func words(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	}
	b, _ := json.Marshal(v) // came out of JSON
	return string(b)
}

var sum = regexp.MustCompile(`^(\d+)([+-])(\d+)$`)

// agrees reports whether a value is what a script wants.
func agrees(got, want string) bool {
	if limit, ok := strings.CutPrefix(want, ">"); ok {
		g, gerr := strconv.Atoi(got)
		l, lerr := strconv.Atoi(limit)
		return gerr == nil && lerr == nil && g > l
	}
	if m := sum.FindStringSubmatch(want); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2] + m[3])
		want = strconv.Itoa(a + b)
	}
	return got == want
}

func (s *story) cmdJSON(_ bool, args []string) {
	target, path, want := args[0], args[1], args[2]
	for deadline := time.Now().Add(showWithin); ; time.Sleep(50 * time.Millisecond) {
		s.send(http.MethodGet, target, "200", "")
		v, err := at([]byte(s.kept.body), path)
		if name, ok := strings.CutPrefix(want, "="); ok && err == nil {
			s.ts.Setenv(name, words(v))
			return
		}
		if err == nil && agrees(words(v), want) {
			return
		}
		if time.Now().After(deadline) {
			s.ts.Fatalf("%s: %s is %s (%v), want %s", target, path, words(v), err, want)
		}
	}
}

func (s *story) cmdJSONSame(_ bool, args []string) {
	s.send(http.MethodGet, args[0], "200", "")
	got, err := at([]byte(s.kept.body), args[1])
	s.check(err)
	want, err := at([]byte(s.ts.ReadFile(args[2])), args[3])
	s.check(err)
	if !reflect.DeepEqual(got, want) {
		s.ts.Fatalf("%s %s differs from %s %s:\n%.2000s", args[0], args[1], args[2], args[3], words(got))
	}
}

func (s *story) cmdLetter(neg bool, args []string) {
	subject := ""
	if len(args) == 2 {
		subject = strings.TrimSpace(s.say(args[1]))
	}
	within := letterWithin
	if neg {
		within = time.Second
	}
	l, ok := s.nextLetter(args[0], subject, within)
	switch {
	case neg && ok:
		s.ts.Fatalf("there is a letter to %s: %s\n%s", args[0], l.subject, l.text)
	case neg:
		return
	case !ok:
		s.ts.Fatalf("no letter to %s with the subject %q within %v", args[0], subject, within)
	}
	s.kept = answer{status: http.StatusOK, header: http.Header(l.header), body: l.text}
	if _, page, html := bytes.Cut(l.raw, []byte("Content-Type: text/html")); !html || bytes.Contains(page, []byte("<zx9")) {
		s.ts.Fatalf("the letter %q has no HTML, or is marked up by what somebody filled in:\n%s", l.subject, l.raw)
	}
	for i, name := range []string{"LINK", "LINK2"} {
		link := ""
		if i < len(l.links) {
			link = l.links[i]
			if !strings.HasPrefix(link, s.site.url()+"/") {
				s.ts.Fatalf("the letter links to another site: %s", link)
			}
		}
		s.ts.Setenv(name, link)
	}
}

// nextLetter waits for an unread letter and marks it read.
func (s *story) nextLetter(to, subject string, within time.Duration) (eml, bool) {
	for deadline := time.Now().Add(within); ; time.Sleep(30 * time.Millisecond) {
		letters, err := s.site.letters(s.read)
		s.check(err)
		for _, l := range letters {
			if l.to == to && strings.Contains(l.subject, subject) {
				s.read[l.uid] = true
				return l, true
			}
		}
		if time.Now().After(deadline) {
			return eml{}, false
		}
	}
}

func (s *story) cmdSupporters(_ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	s.check(err)
	var to []string
	for range n {
		s.people++
		to = append(to, fmt.Sprintf("supporter%d@kind.example", s.people))
		s.send(http.MethodPost, args[1]+"/sign", "303", url.Values{"email": {to[len(to)-1]}, "eligible": {"yes"}}.Encode())
	}
	for _, a := range to {
		l, ok := s.nextLetter(a, "", letterWithin)
		if !ok || len(l.links) != 1 || !strings.HasPrefix(l.links[0], s.site.url()+"/"+args[2]+"/confirm/") {
			s.ts.Fatalf("letter to %s: %t %v", a, ok, l.links)
		}
		s.send(http.MethodPost, l.links[0], "200", "")
	}
}

func (s *story) cmdAdvance(_ bool, args []string) {
	for range 60 {
		s.send(http.MethodPost, "/demo/clock", "200", url.Values{"advance": {args[0]}}.Encode())
		if len(args) < 3 {
			return
		}
		s.send(http.MethodGet, args[1], "200", "")
		if strings.Contains(s.kept.body, s.say(args[2])) {
			return
		}
	}
	s.ts.Fatalf("60 times %s, and %s still lacks %q:\n%s", args[0], args[1], args[2], s.kept.body)
}

func (s *story) cmdLogin(_ bool, args []string) {
	link := args[0]
	if !strings.Contains(link, "/login/") {
		link = strings.TrimSpace(s.ts.ReadFile(args[0]))
	}
	s.send(http.MethodGet, link, "200", "")
	s.send(http.MethodGet, link, "200", "")
	s.send(http.MethodPost, link, "303", "")
	s.send(http.MethodGet, link, "410", "")
	s.send(http.MethodPost, link, "410", "")
	desk, _, _ := strings.Cut(link, "/login/")
	s.send(http.MethodGet, desk, "303", "")
	s.send(http.MethodGet, desk+"/code", "200", "")
	secret := regexp.MustCompile(`<code>([A-Z2-7]{32})</code>`).FindStringSubmatch(s.kept.body)
	if secret == nil {
		s.ts.Fatalf("no secret on the page of the code:\n%s", s.kept.body)
	}
	s.send(http.MethodPost, desk+"/code", "422", "code=000000x")
	s.send(http.MethodPost, desk+"/code", "303", "code="+staff.Code(secret[1], time.Now()))
}

func (s *story) cmdFill(_ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	s.check(err)
	s.check(os.WriteFile(s.ts.MkAbs(args[0]), []byte(strings.Repeat(args[2], n)), 0o600))
}

func postgresServer() string { return os.Getenv("DAUYS_TEST_POSTGRES") }

// newSchema makes an empty schema: a database of its own for one site.
func newSchema(server string) (addr string, drop func(), err error) {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return "", nil, err
	}
	name := "story_" + hex.EncodeToString(random(8))
	if _, err := db.Exec(`CREATE SCHEMA ` + name); err != nil {
		return "", nil, errors.Join(err, db.Close())
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func() {
		_, err := db.Exec(`DROP SCHEMA ` + name + ` CASCADE`)
		if err := cmp.Or(err, db.Close()); err != nil {
			fmt.Fprintln(os.Stderr, "schema", name, "stays:", err)
		}
	}, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return b
}
