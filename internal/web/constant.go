package web

import (
	"html/template"
	"slices"
	"strconv"
	"text/template/parse"

	"github.com/dauys/dauys/petition"
)

// constants are functions of the templates whose answer depends on their
// arguments alone, by name and number of arguments: "t/1".
type constants map[string]func(args []string) string

// constants are those among w.funcs(l).
func (w *Web) constants(l petition.Lang) constants {
	p := w.bundle.Printer(l)
	return constants{
		"t/1":     func(a []string) string { return p.T(a[0]) },
		"url/1":   func(a []string) string { return "/" + string(l) + a[0] },
		"asset/1": func(a []string) string { return w.assets.Path(a[0]) },
		"forms/1": func(a []string) string { return wordForms(p, a[0]) },
		"lang/0":  func([]string) string { return string(l) },
	}
}

// say replaces each call that always says the same, {{t "web.skip"}}, by what it
// says. Most of a page is such words, and a template spends more time on
// finding and escaping each of them than on what the page is about.
//
// It must come before the set is first executed, when html/template looks at
// the context of each action: words are escaped here as in text and quoted
// attributes, the only places where templates of this package have any.
func (c constants) say(root *template.Template) {
	for _, t := range root.Templates() {
		if t.Tree != nil {
			c.list(t.Tree.Root)
		}
	}
}

// list replaces what it can in l, and joins the texts that come to stand side
// by side.
func (c constants) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	kept := l.Nodes[:0]
	for _, n := range l.Nodes {
		n = c.node(n)
		text, ok := n.(*parse.TextNode)
		if ok && len(kept) > 0 {
			if last, ok := kept[len(kept)-1].(*parse.TextNode); ok {
				last.Text = slices.Concat(last.Text, text.Text)
				continue
			}
		}
		kept = append(kept, n)
	}
	l.Nodes = kept
}

// node is what stands for n in the end.
func (c constants) node(n parse.Node) parse.Node {
	switch n := n.(type) {
	case *parse.ActionNode:
		if s, ok := c.value(n.Pipe); ok {
			return &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(template.HTMLEscapeString(s))}
		}
		c.arguments(n.Pipe)
	case *parse.TemplateNode:
		c.arguments(n.Pipe)
	case *parse.IfNode:
		c.branch(&n.BranchNode)
	case *parse.RangeNode:
		c.branch(&n.BranchNode)
	case *parse.WithNode:
		c.branch(&n.BranchNode)
	}
	return n
}

func (c constants) branch(b *parse.BranchNode) {
	c.arguments(b.Pipe)
	c.list(b.List)
	c.list(b.ElseList)
}

// arguments replaces calls among the arguments of a pipeline.
func (c constants) arguments(p *parse.PipeNode) {
	if p == nil {
		return
	}
	for _, command := range p.Cmds {
		for i, arg := range command.Args {
			inner, ok := arg.(*parse.PipeNode)
			if !ok {
				continue
			}
			if s, ok := c.value(inner); ok {
				command.Args[i] = &parse.StringNode{NodeType: parse.NodeString, Pos: inner.Pos, Quoted: strconv.Quote(s), Text: s}
			} else {
				c.arguments(inner)
			}
		}
	}
}

// value is what a pipeline always says; false when that depends on the data.
func (c constants) value(p *parse.PipeNode) (string, bool) {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) != 1 {
		return "", false
	}
	name, ok := p.Cmds[0].Args[0].(*parse.IdentifierNode)
	if !ok {
		return "", false
	}
	var args []string
	for _, arg := range p.Cmds[0].Args[1:] {
		s, ok := arg.(*parse.StringNode)
		if !ok {
			return "", false
		}
		args = append(args, s.Text)
	}
	f := c[name.Ident+"/"+strconv.Itoa(len(args))]
	if f == nil {
		return "", false
	}
	return f(args), true
}
