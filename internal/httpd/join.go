package httpd

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
)

// Join makes one asset of the parts of a folder, in the order of their names,
// so that a part has a file of its own and a page still asks once. The parts
// have no address themselves.
type Join struct {
	Dir  string // "css": its files, not those of folders in it
	Name string // "app.css": its ending says how the parts are joined
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssIndent  = regexp.MustCompile(`(?m)^[ \t]+|[ \t]+$`)
	jsComment  = regexp.MustCompile(`(?m)^[ \t]*//.*\n`)
	blankLines = regexp.MustCompile(`\n{2,}`)
	jsLinks    = regexp.MustCompile(`(?m)^\s*(import|export)\b`)
)

func (j Join) build(fsys fs.FS) ([]byte, error) {
	parts, err := fs.Glob(fsys, path.Join(j.Dir, "*"+path.Ext(j.Name))) // sorted
	if err != nil || len(parts) == 0 {
		return nil, fmt.Errorf("%s: no parts in %s: %w", j.Name, j.Dir, err)
	}
	var out bytes.Buffer
	for _, name := range parts {
		part, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		switch path.Ext(name) {
		case ".css":
			out.Write(cssIndent.ReplaceAll(cssComment.ReplaceAll(part, nil), nil))
		case ".js":
			// A scope for each, and one that fails leaves the others at work.
			if jsLinks.Match(part) {
				return nil, fmt.Errorf("%s: a part neither imports nor exports", name)
			}
			fmt.Fprintf(&out, "try {\n%s} catch (fault) { reportError(fault); }\n", jsComment.ReplaceAll(part, nil))
		default:
			out.Write(part)
		}
	}
	return append(bytes.TrimLeft(blankLines.ReplaceAll(out.Bytes(), []byte("\n")), "\n"), '\n'), nil
}
