package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

const trendingRows = 10

// trend is a row of trending.json; signature_count is of the time asked for.
type trend struct {
	Type       string   `json:"type"`
	ID         int64    `json:"id"`
	Links      selfLink `json:"links"`
	Attributes struct {
		Action string `json:"action"`
		Count  int64  `json:"signature_count"`
	} `json:"attributes"`
}

type trends struct {
	Data  []trend  `json:"data"`
	Links selfLink `json:"links"`
	Meta  struct {
		UpdatedAt string `json:"updated_at"`
	} `json:"meta"`
}

// trending answers /trending.json. The source counts the last hour; the finest
// we know is the day. Petitions whose public count moves in steps are left
// out: their place here would tell when somebody signed.
func (a *API) trending(w http.ResponseWriter, r *http.Request) error {
	now := a.Now()
	minute := now.UTC().Truncate(time.Minute)
	return a.serveJSON(w, r, "trending:"+minute.Format(stampLayout), func(ctx context.Context) (any, error) {
		out := trends{Data: []trend{}, Links: selfLink{a.base + "/trending.json"}}
		out.Meta.UpdatedAt = minute.Format(stampLayout)
		all, err := a.Store.Trending(ctx, a.Law.Today(now), 10*trendingRows)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			if law := a.Laws.Of(p.Petition); law == nil || !law.Live(p.Count) || len(out.Data) == trendingRows {
				continue
			}
			text, _, _ := p.Texts.In(p.Lang, "kk", "ru", "en")
			t := trend{Type: current.typ, ID: p.Number, Links: selfLink{fmt.Sprintf("%s%s/%d.json", a.base, current.path, p.Number)}}
			t.Attributes.Action, t.Attributes.Count = text.Title, p.Lately
			out.Data = append(out.Data, t)
		}
		return out, nil
	})
}

type topic struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// topics answers /topics.json with the topics in use. Their names are not in
// the documents that bring them, only their codes.
func (a *API) topics(w http.ResponseWriter, r *http.Request) error {
	return a.serveJSON(w, r, "topics", func(ctx context.Context) (any, error) {
		used, err := a.Store.Topics(ctx)
		if err != nil {
			return nil, err
		}
		out := make(map[string]topic, len(used))
		for code := range used {
			out[code] = topic{code, topicName(code)}
		}
		return out, nil
	})
}

// topicName makes words of a code.
func topicName(code string) string {
	words := strings.ReplaceAll(code, "-", " ")
	if words == "" {
		return code
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// constituency is a row of constituencies.json, or, without mp and party, of
// a parliament.
type constituency struct {
	MP        json.RawMessage `json:"mp,omitempty"`
	Party     json.RawMessage `json:"party,omitempty"`
	Name      string          `json:"constituency"`
	ONS       string          `json:"ons_code"`
	StartDate *string         `json:"start_date"`
	EndDate   *string         `json:"end_date"`
}

// seats are the constituencies that existed on the day, or all for the zero
// day: those of the site's own law or, where that has none, of the source.
// Who sits for them is not known here.
func (a *API) seats(day petition.Date, members bool) map[string]constituency {
	set := a.Places(a.Law.Places)
	if set == nil || !hasKind(set, place.Constituency) {
		set = a.ukPlaces()
	}
	out := make(map[string]constituency)
	if set == nil {
		return out
	}
	for _, p := range set.Places {
		if p.Kind != place.Constituency || !day.IsZero() && !p.On(day) {
			continue
		}
		c := constituency{Name: p.Name("en"), ONS: p.Code, StartDate: date(p.From), EndDate: date(p.To)}
		if members {
			c.MP, c.Party = json.RawMessage("null"), json.RawMessage("null")
		}
		out[p.Code] = c
	}
	return out
}

func (a *API) ukPlaces() *place.Set {
	for ref, law := range a.Laws {
		if ref.ID == ukLaw {
			return a.Places(law.Places)
		}
	}
	return nil
}

// constituencies answers /constituencies.json.
func (a *API) constituencies(w http.ResponseWriter, r *http.Request) error {
	return a.serveJSON(w, r, "constituencies", func(context.Context) (any, error) { return a.seats(petition.Date{}, true), nil })
}

// parliament is an object of parliaments.json: values as they were imported.
type parliament struct {
	Period            json.RawMessage `json:"period"`
	DissolutionAt     json.RawMessage `json:"dissolution_at"`
	Government        json.RawMessage `json:"government"`
	ResponseThreshold json.RawMessage `json:"response_threshold"`
	DebateThreshold   json.RawMessage `json:"debate_threshold"`

	Constituencies map[string]constituency `json:"constituencies,omitempty"` // of one parliament alone
}

// known parliaments by period, in order of period.
func (a *API) allParliaments(ctx context.Context) (list []parliament, periods []string, err error) {
	all, err := a.Store.Parliaments(ctx)
	if err != nil {
		return nil, nil, err
	}
	list = []parliament{}
	seen := make(map[string]bool)
	for _, raw := range all {
		var p parliament
		period := periodOf(raw)
		if err := json.Unmarshal(raw, &p); err != nil || seen[period] {
			continue // a later document of the same parliament
		}
		seen[period] = true
		list, periods = append(list, p), append(periods, period)
	}
	return list, periods, nil
}

// parliaments answers /parliaments.json.
func (a *API) parliaments(w http.ResponseWriter, r *http.Request) error {
	return a.serveJSON(w, r, "parliaments", func(ctx context.Context) (any, error) {
		list, _, err := a.allParliaments(ctx)
		return list, err
	})
}

// parliament answers /parliaments/YYYY-YYYY.json.
func (a *API) parliament(w http.ResponseWriter, r *http.Request) error {
	period, ok := strings.CutSuffix(r.PathValue("file"), ".json")
	if !ok || period == "" || len(period) > maxCode {
		return httpd.ErrNotFound
	}
	return a.serveJSON(w, r, "parliament:"+period, func(ctx context.Context) (any, error) {
		p, err := a.parliamentOf(ctx, period)
		if err != nil {
			return nil, err
		}
		p.Constituencies = a.seats(startOf(period), false)
		return p, nil
	})
}

func (a *API) parliamentOf(ctx context.Context, period string) (parliament, error) {
	list, periods, err := a.allParliaments(ctx)
	if err != nil {
		return parliament{}, err
	}
	for i := range list {
		if periods[i] == period {
			return list[i], nil
		}
	}
	return parliament{}, fmt.Errorf("%w: parliament", httpd.ErrNotFound)
}

// startOf is a day early in the first full year of a period YYYY-YYYY: by then
// a parliament elected in the year it is named after has met.
func startOf(period string) petition.Date {
	var first, last int
	if _, err := fmt.Sscanf(period, "%4d-%4d", &first, &last); err != nil || first < 1 {
		return petition.Date{}
	}
	return petition.Date{Year: first + 1, Month: time.January, Day: 1}
}

// parliamentConstituencies answers /parliaments/{period|current}/constituencies.json.
func (a *API) parliamentConstituencies(w http.ResponseWriter, r *http.Request) error {
	period := r.PathValue("period")
	if len(period) > maxCode {
		return httpd.ErrNotFound
	}
	return a.serveJSON(w, r, "seats:"+period, func(ctx context.Context) (any, error) {
		if period == "current" {
			return a.seats(petition.Date{}, true), nil
		}
		if _, err := a.parliamentOf(ctx, period); err != nil {
			return nil, err
		}
		return a.seats(startOf(period), true), nil
	})
}
