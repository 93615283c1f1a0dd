package profiles

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dauys/dauys/petition"
	"go.yaml.in/yaml/v3"
)

// schema is the part of JSON Schema 2020-12 that the profiles need.
type schema struct {
	Schema      string             `json:"$schema,omitempty"`
	ID          string             `json:"$id,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Type        string             `json:"type,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  *bool              `json:"additionalProperties,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	OneOf       []*schema          `json:"oneOf,omitempty"`
	Defs        map[string]*schema `json:"$defs,omitempty"`
}

// enums are the words that a field takes, by type and key.
var enums = map[string][]string{
	"Profile.binding": {"official", "shadow", "advisory"}, "Cite.confidence": confidences, "Term.unit": {"day", "workday", "week", "month"},
	"Language.lang": languages, "Eligibility.assurance": {"mail", "eid-substantial", "eid-high"}, "ModerationRule.on_missed": {"publish", "wait"},
	"Stage.duty": duties, "Stage.actor": {"body", "operator", "parliament"}, "AuthoriserRule.actor": {"member"},
	"DuplicateRule.effect": {"refuse", "warn"}, "DissolutionRule.effect": {"stop", "carry-over"}, "ShownRule.signer": {"never", "initials", "given-name-initial", "name"},
	"AnswerRule.from": {"stage", "delivery", "registration", "review"}, "Holiday.confidence": confidences,
}

// required are the keys without which a block is refused, whatever the rest says.
var required = map[string][]string{
	"Profile": {"id", "version", "binding", "country", "name", "summary", "zone", "places", "languages", "petitioner", "signer", "support", "moderation", "appeal", "collect", "counts", "text", "calendar"},
	"Cite":    {"article", "source", "valid_from", "confidence"}, "Stage": {"id", "name", "describe", "duty", "actor", "cite"},
	"Reason": {"code", "text", "cite"}, "Subject": {"code", "text", "cite"}, "ModerationRule": {"term", "on_missed", "refusal_officers", "reasons", "cite"},
}

// comments are the words of the sources about each field, by type and field.
func comments(t *testing.T) map[string]string {
	t.Helper()
	said := map[string]string{}
	for _, pattern := range []string{"../petition/*.go", "../civil/*.go"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if d, ok := n.(*ast.GenDecl); ok && len(d.Specs) == 1 {
					if spec, ok := d.Specs[0].(*ast.TypeSpec); ok {
						said[spec.Name.Name] = strings.Join(strings.Fields(d.Doc.Text()), " ")
					}
				}
				spec, ok := n.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if s, ok := spec.Type.(*ast.StructType); ok {
					for _, field := range s.Fields.List {
						for _, id := range field.Names {
							said[spec.Name.Name+"."+id.Name] = strings.Join(strings.Fields(field.Doc.Text()+" "+field.Comment.Text()), " ")
						}
					}
				}
				return true
			})
		}
	}
	return said
}

// builder writes the schema of a Go type and of the types in it.
type builder struct {
	said map[string]string
	defs map[string]*schema
}

func (b *builder) of(typ reflect.Type) *schema {
	switch typ {
	case dateType:
		return &schema{Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`}
	case calendarType:
		b.object(typ)
		return &schema{OneOf: []*schema{{Type: "string", Description: "the id of a shipped calendar"}, {Ref: "#/$defs/Calendar"}}}
	}
	switch typ.Kind() {
	case reflect.Struct:
		b.object(typ)
		return &schema{Ref: "#/$defs/" + typ.Name()}
	case reflect.Map:
		s := &schema{Type: "object", Properties: map[string]*schema{}, Additional: new(bool)}
		for _, lang := range languages {
			s.Properties[lang] = &schema{Type: "string"}
		}
		return s
	case reflect.Slice:
		return &schema{Type: "array", Items: b.of(typ.Elem())}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.String:
		return &schema{Type: "string"}
	}
	return &schema{Type: "integer"}
}

func (b *builder) object(typ reflect.Type) {
	if b.defs[typ.Name()] != nil {
		return
	}
	s := &schema{Type: "object", Properties: map[string]*schema{}, Additional: new(bool), Required: required[typ.Name()]}
	b.defs[typ.Name()] = s
	for f := range typ.Fields() {
		key := f.Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		p := b.of(f.Type)
		if p.Description = b.said[typ.Name()+"."+f.Name]; p.Description == "" {
			p.Description = b.said[f.Type.Name()]
		}
		p.Enum = enums[typ.Name()+"."+key]
		s.Properties[key] = p
	}
}

func build(t *testing.T) *schema {
	b := builder{comments(t), map[string]*schema{}}
	b.object(reflect.TypeFor[petition.Profile]())
	root := *b.defs["Profile"]
	delete(b.defs, "Profile")
	root.Schema, root.ID = "https://json-schema.org/draft/2020-12/schema", "https://github.com/dauys/dauys/profiles/schema.json"
	root.Title = "Dauys profile"
	root.Description = "A law on petitions as data. What each rule means: docs/law/profiles.md. `dauys profile check FILE` also refuses what contradicts itself."
	root.Defs = b.defs
	return &root
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := source(t, file); string(got) != want {
		t.Errorf("%s is not what the types say; run go test ./profiles -update", file)
	}
}

func TestSchemaIsThatOfTheTypes(t *testing.T) {
	got, err := json.MarshalIndent(build(t), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "schema.json", append(got, '\n'))
}

// TestDocumentNamesEveryField keeps the table of docs/law/profiles.md that of the types.
func TestDocumentNamesEveryField(t *testing.T) {
	file := filepath.Join("..", "docs", "law", "profiles.md")
	const mark = "<!-- The rest is written by go test ./profiles -update from the comments of the types. -->\n"
	head, _, ok := strings.Cut(source(t, file), mark)
	if !ok {
		t.Fatal("the mark is missing")
	}
	root := build(t)
	var out strings.Builder
	out.WriteString(head + mark)
	section := func(name string, s *schema) {
		fmt.Fprintf(&out, "\n## %s\n\n| key | value | meaning |\n|---|---|---|\n", name)
		for _, key := range slices.Sorted(mapsKeys(s.Properties)) {
			p := s.Properties[key]
			if slices.Contains(s.Required, key) {
				key += " (required)"
			}
			fmt.Fprintf(&out, "| %s | %s | %s |\n", key, value(p), strings.ReplaceAll(p.Description, "|", "/"))
		}
	}
	section("Profile", root)
	for _, name := range slices.Sorted(mapsKeys(root.Defs)) {
		section(name, root.Defs[name])
	}
	golden(t, file, []byte(out.String()))
}

func mapsKeys(m map[string]*schema) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// value says what a key takes, for the document.
func value(s *schema) string {
	switch {
	case len(s.Enum) > 0:
		return strings.Join(s.Enum, ", ")
	case s.Ref != "":
		return strings.TrimPrefix(s.Ref, "#/$defs/")
	case s.Items != nil:
		return "list of " + value(s.Items)
	case len(s.OneOf) > 0:
		return "id of a shipped one, or Calendar"
	case s.Type == "object":
		return "text in kk, ru, en"
	case s.Pattern != "":
		return "date"
	}
	return s.Type
}

// fits checks a YAML node against the schema and names what does not fit.
func (s *schema) fits(root *schema, n *yaml.Node, path string) []string {
	if s.Ref != "" {
		s = root.Defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
	}
	if len(s.OneOf) > 0 {
		fitting := 0
		for _, one := range s.OneOf {
			if len(one.fits(root, n, path)) == 0 {
				fitting++
			}
		}
		if fitting != 1 {
			return []string{fmt.Sprintf("%s fits %d of the choices", path, fitting)}
		}
		return nil
	}
	var bad []string
	switch s.Type {
	case "object":
		if n.Kind != yaml.MappingNode {
			return []string{path + " is no object"}
		}
		have := map[string]bool{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i].Value
			have[key] = true
			p, ok := s.Properties[key]
			if !ok {
				bad = append(bad, path+"."+key+" is no key")
				continue
			}
			bad = append(bad, p.fits(root, n.Content[i+1], path+"."+key)...)
		}
		for _, key := range s.Required {
			if !have[key] {
				bad = append(bad, path+"."+key+" is missing")
			}
		}
	case "array":
		if n.Kind != yaml.SequenceNode {
			return []string{path + " is no list"}
		}
		for i, x := range n.Content {
			bad = append(bad, s.Items.fits(root, x, fmt.Sprintf("%s[%d]", path, i))...)
		}
	default:
		bad = s.fitsValue(n, path)
	}
	return bad
}

func (s *schema) fitsValue(n *yaml.Node, path string) []string {
	tag := map[string][]string{"string": {"!!str", "!!timestamp"}, "integer": {"!!int"}, "boolean": {"!!bool"}}[s.Type]
	switch {
	case n.Kind != yaml.ScalarNode || !slices.Contains(tag, n.Tag):
		return []string{path + " is no " + s.Type}
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, n.Value):
		return []string{path + " is none of " + strings.Join(s.Enum, ", ")}
	case s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(n.Value):
		return []string{path + " does not fit " + s.Pattern}
	}
	return nil
}

func TestShippedProfilesFitTheSchema(t *testing.T) {
	var root schema
	if err := json.Unmarshal([]byte(source(t, "schema.json")), &root); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("*.yaml")
	for _, name := range files {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(source(t, name)), &doc); err != nil {
			t.Fatal(err)
		}
		for _, fault := range root.fits(&root, doc.Content[0], "") {
			t.Errorf("%s: %s", name, fault)
		}
	}
	text := source(t, "kz-civic.yaml")
	for edit, want := range map[string]string{
		"binding: loose": ".binding is none of", "mayor: yes\nbinding: advisory": ".mayor is no key", "bindings: advisory": ".binding is missing",
	} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(strings.Replace(text, "binding: advisory", edit, 1)), &doc); err != nil {
			t.Fatal(err)
		}
		if faults := strings.Join(root.fits(&root, doc.Content[0], ""), "\n"); !strings.Contains(faults, want) {
			t.Errorf("%s: faults %q, want %q", edit, faults, want)
		}
	}
}
