package profiles

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/dauys/dauys/civil"
)

// Problem is one fault of a profile. Profiles are checked at the command line,
// which speaks English.
type Problem struct {
	File   string
	Line   int // 1 for the first line
	Reason string
}

// Error is "file:line: reason".
func (p Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason) }

// reader fills structs from YAML nodes. It knows the line of every key, takes
// no key it does not know and guesses nothing: what the file says in a form
// other than the expected one is a problem.
type reader struct {
	file     string
	problems []Problem
	lines    map[string]int // line of each key and item that the file has, by path
	unread   []string       // paths whose values are not what was expected, and so unknown
}

func newReader(file string) *reader { return &reader{file: file, lines: map[string]int{}} }

func (r *reader) fail(line int, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: max(line, 1), Reason: fmt.Sprintf(format, args...)})
}

// failRead reports a value that could not be read. What it is remains unknown,
// so that nothing else is said about it.
func (r *reader) failRead(line int, path, format string, args ...any) {
	r.fail(line, "%s: "+format, append([]any{or(path, "profile")}, args...)...)
	r.unread = append(r.unread, path)
}

// within reports whether path is whole, or a part of it.
func within(path, whole string) bool {
	rest, ok := strings.CutPrefix(path, whole)
	return ok && (whole == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// readable reports whether all of these values are what they seem. A rule that
// compares several asks first: one that could not be read counts as nothing,
// and comparing it would bring a second, misleading fault.
func (r *reader) readable(paths ...string) bool {
	for _, path := range paths {
		for _, bad := range r.unread {
			if within(path, bad) || within(bad, path) {
				return false
			}
		}
	}
	return true
}

// failAt reports a fault at a path, or at the nearest block around it that the
// file has. What could not be read has been reported.
func (r *reader) failAt(path, format string, args ...any) {
	for _, bad := range r.unread {
		if within(path, bad) {
			return
		}
	}
	line, known := r.lines[path]
	for around := path; !known && around != ""; line, known = r.lines[around] {
		around = around[:max(strings.LastIndexAny(around, ".["), 0)]
	}
	r.fail(line, path+": "+format, args...)
}

// has reports whether the file has this key.
func (r *reader) has(path string) bool { _, ok := r.lines[path]; return ok }

var (
	calendarType = reflect.TypeFor[civil.Calendar]()
	dateType     = reflect.TypeFor[civil.Date]()
	integer      = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`) // no octal, no underscores
)

// read fills v from n. path names v in messages; "" is the whole file.
func (r *reader) read(n *yaml.Node, v reflect.Value, path string) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.failRead(n.Line, path, "aliases are not taken: write it out")
	case n.Style&yaml.TaggedStyle != 0:
		r.failRead(n.Line, path, "tags are not taken: %s", n.Tag)
	case v.Type() == calendarType && n.Kind == yaml.ScalarNode:
		r.shippedCalendar(n, v, path)
	case v.Type() == dateType:
		r.date(n, v, path)
	case v.Kind() == reflect.Struct:
		r.block(n, v, path)
	case v.Kind() == reflect.Map:
		r.texts(n, v, path)
	case v.Kind() == reflect.Slice:
		r.list(n, v, path)
	default:
		r.scalar(n, v, path)
	}
}

// block fills a struct by its yaml tags.
func (r *reader) block(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		r.failRead(n.Line, path, "want keys and values")
		return
	}
	fields := map[string]int{}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" && name != "-" {
			fields[name] = i
		}
	}
	r.pairs(n, path, func(key string, value *yaml.Node) bool {
		i, ok := fields[key]
		if ok {
			r.read(value, v.Field(i), join(path, key))
		}
		return ok
	})
}

// texts fills a map from language to text.
func (r *reader) texts(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		r.failRead(n.Line, path, "want a text for each language")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	r.pairs(n, path, func(key string, value *yaml.Node) bool {
		if !known(key) {
			return false
		}
		text := reflect.New(v.Type().Elem()).Elem()
		r.read(value, text, join(path, key))
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), text)
		return true
	})
}

// pairs calls fill for every key once; fill reports whether it knows the key.
func (r *reader) pairs(n *yaml.Node, path string, fill func(key string, value *yaml.Node) bool) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := join(path, key.Value)
		switch {
		case key.Kind != yaml.ScalarNode:
			r.fail(key.Line, "%s: a key must be a word", or(path, "profile"))
			continue
		case r.has(at):
			r.fail(key.Line, "%s: the key is already on line %d", at, r.lines[at])
			continue
		}
		r.lines[at] = key.Line
		if !fill(key.Value, value) {
			r.fail(key.Line, "%s: unknown key", at)
		}
	}
}

func (r *reader) list(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		r.failRead(n.Line, path, "want a list")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.lines[at] = item.Line
		r.read(item, v.Index(i), at)
	}
}

func (r *reader) date(n *yaml.Node, v reflect.Value, path string) {
	d, err := civil.ParseDate(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		r.failRead(n.Line, path, "want a date YYYY-MM-DD")
		return
	}
	v.Set(reflect.ValueOf(d))
}

func (r *reader) scalar(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.failRead(n.Line, path, "want one value")
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.TrimSpace(n.Value))
	case reflect.Bool:
		if n.Value != "true" && n.Value != "false" {
			r.failRead(n.Line, path, "want true or false")
			return
		}
		v.SetBool(n.Value == "true")
	case reflect.Int, reflect.Int64:
		x, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil || !integer.MatchString(n.Value) || v.OverflowInt(x) {
			r.failRead(n.Line, path, "want a whole number")
			return
		}
		v.SetInt(x)
	default:
		r.failRead(n.Line, path, "a profile has no such value")
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func or(path, whole string) string {
	if path == "" {
		return whole
	}
	return path
}
