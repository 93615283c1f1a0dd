package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// specVersion is info.version of the OpenAPI document. It grows with every
// change of the document: the last number for words, the middle one for what
// is new, the first for what breaks a client. A test compares the golden file.
const specVersion = "1.5.0"

// v1 registers /api/v1 on mux and returns its OpenAPI document.
func (a *API) v1(mux *http.ServeMux) ([]byte, error) {
	cfg := huma.DefaultConfig("Dauys", specVersion)
	cfg.Info.Description = "Public data of this petition site. Counts and places are the public ones: small counts move in steps, " +
		"and places with few signatures are added up, so that nobody can tell who signed."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // they would put $schema into every body
	cfg.Transformers = []huma.Transformer{noteRefusal}
	api := humago.New(gate{a, mux}, cfg)
	operate(api, "list-petitions", "/api/v1/petitions", "Public petitions, page by page", a.v1List)
	operate(api, "get-petition", "/api/v1/petitions/{number}", "One petition", a.v1Petition)
	operate(api, "get-petition-places", "/api/v1/petitions/{number}/places", "Signatures by place", a.v1Places)
	operate(api, "get-petition-days", "/api/v1/petitions/{number}/days", "Signatures by day", a.v1Days)
	operate(api, "list-bodies", "/api/v1/bodies", "Public bodies that petitions are addressed to", a.v1Bodies)
	operate(api, "get-body", "/api/v1/bodies/{id}", "One public body, and how it answers", a.v1Body)
	operate(api, "list-places", "/api/v1/places", "Places that signers can name", a.v1SignPlaces)
	operate(api, "get-place-petitions", "/api/v1/places/{code}", "Open petitions that were signed most in a place", a.v1PlacePetitions)
	operate(api, "get-profile", "/api/v1/profile", "The rules new petitions are made under", a.v1Profile)
	operate(api, "list-removals", "/api/v1/removals", "Petitions that were refused, hidden, withdrawn or removed", a.v1Removals)
	operate(api, "list-demands", "/api/v1/demands", "What authorities demanded, and what was done", a.v1Demands)
	operate(api, "get-moderation", "/api/v1/moderation", "Moderation in numbers", a.v1Moderation)
	finishSpec(api.OpenAPI())
	spec, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("api: OpenAPI: %w", err)
	}
	return append(spec, '\n'), nil
}

// operate adds a GET operation. Errors of h go through the table of httpd,
// not through huma's own.
func operate[I, O any](api huma.API, id, path, summary string, h func(context.Context, *I) (*O, error)) {
	op := huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary}
	huma.Register(api, op, func(ctx context.Context, in *I) (*struct{ Body *O }, error) {
		out, err := h(ctx, in)
		if err != nil {
			if ref, ok := ctx.Value(refusalKey{}).(*refusal); ok {
				ref.err = err
			}
			return nil, err
		}
		return &struct{ Body *O }{out}, nil
	})
}

// problem is what httpd answers with when it refuses (rfc9457).
type problem struct {
	Type   string         `json:"type" format:"uri" doc:"Names the kind of problem; part of an address under /api"`
	Title  string         `json:"title" doc:"In the language of Accept-Language"`
	Status int            `json:"status"`
	Detail string         `json:"detail" doc:"What it means and what to do next"`
	Errors []problemField `json:"errors,omitempty" doc:"Which parameters are wrong"`
}

type problemField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// finishSpec puts our problem document in the place of huma's.
func finishSpec(spec *huma.OpenAPI) {
	schema := spec.Components.Schemas.Schema(reflect.TypeFor[problem](), true, "Problem")
	for _, item := range spec.Paths {
		item.Get.Responses["default"] = &huma.Response{Description: "What went wrong",
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
	}
	all := spec.Components.Schemas.Map()
	delete(all, "ErrorModel")
	delete(all, "ErrorDetail")
	for _, s := range all {
		s.AdditionalProperties = nil // later versions add keys; a client must let them pass
	}
}

// refusal carries why an operation failed past huma to the table of httpd.
type refusal struct {
	err     error
	details []*huma.ErrorDetail
}

type refusalKey struct{}

// noteRefusal is a huma.Transformer that keeps what huma itself found wrong.
func noteRefusal(ctx huma.Context, _ string, v any) (any, error) {
	if m, ok := v.(*huma.ErrorModel); ok {
		if ref, ok := ctx.Context().Value(refusalKey{}).(*refusal); ok {
			ref.details = m.Errors
		}
	}
	return v, nil
}

// cause is the error for the table: the operation's own, or which parameter
// huma refused. A bad path parameter names nothing that exists.
func (ref *refusal) cause() error {
	if ref.err != nil {
		return ref.err
	}
	var faults petition.FieldErrors
	for _, d := range ref.details {
		where, field, _ := strings.Cut(d.Location, ".")
		if where == "path" {
			return fmt.Errorf("%w: path", httpd.ErrNotFound)
		}
		faults = append(faults, petition.FieldError{Field: field, Key: "invalid"})
	}
	if len(faults) == 0 {
		return httpd.ErrBadRequest
	}
	return faults
}

// gate stands between the mux and huma: CORS, checked text, the cache, and the
// site's own problem documents.
type gate struct {
	a   *API
	mux *http.ServeMux
}

// ServeHTTP is what huma asks of a mux.
func (g gate) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.mux.ServeHTTP(w, r) }

// HandleFunc registers an operation of huma: pattern is "GET /path".
func (g gate) HandleFunc(pattern string, operation func(http.ResponseWriter, *http.Request)) {
	_, path, _ := strings.Cut(pattern, " ")
	g.a.get(g.mux, path, func(w http.ResponseWriter, r *http.Request) error {
		query, err := httpd.Query(r)
		if err != nil {
			return err
		}
		asked := parameters(query)
		if len(asked) > maxAsked {
			return fmt.Errorf("%w: parameters", httpd.ErrBadRequest)
		}
		if err := g.a.afford(r, query.Get("q")); err != nil {
			return err
		}
		key := "v1:" + r.URL.Path + "?" + asked + "@" + g.a.Law.Today(g.a.Now()).String()
		return g.a.Cache.Serve(w, r, key, httpd.CachePublic, func(ctx context.Context) (httpd.Rendered, error) {
			return render(ctx, r, operation)
		})
	})
}

// maxAsked bounds the parameters of an operation, in bytes as they are encoded.
const maxAsked = 4 << 10

// parameters are those that some operation knows, in one order, for the key.
func parameters(query url.Values) string {
	kept := url.Values{}
	for _, name := range []string{"state", "sort", "q", "lang", "body", "topic", "archived", "cursor", "limit"} {
		if v := query[name]; len(v) > 0 {
			kept[name] = v[:1]
		}
	}
	return kept.Encode()
}

func render(ctx context.Context, r *http.Request, operation func(http.ResponseWriter, *http.Request)) (httpd.Rendered, error) {
	ref, rec := new(refusal), &recorder{header: http.Header{}}
	operation(rec, r.WithContext(context.WithValue(ctx, refusalKey{}, ref)))
	if rec.status >= http.StatusBadRequest {
		return httpd.Rendered{}, ref.cause()
	}
	if rec.status == 0 {
		return httpd.Rendered{}, errors.New("api: operation without an answer")
	}
	return httpd.Rendered{ContentType: jsonType, Body: bytes.TrimSuffix(rec.body.Bytes(), []byte("\n"))}, nil
}

// recorder holds an answer until it is known to be one.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

// openAPI answers /api/v1/openapi.json.
func (a *API) openAPI(w http.ResponseWriter, r *http.Request) error {
	return a.Cache.Serve(w, r, "openapi", "public, max-age=300, stale-while-revalidate=600", func(context.Context) (httpd.Rendered, error) {
		return httpd.Rendered{ContentType: jsonType, Body: a.spec}, nil
	})
}
