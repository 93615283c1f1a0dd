package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// registerAsked are the parameters of the registers of openness.
type registerAsked struct {
	Cursor string `query:"cursor" maxLength:"64" doc:"As the page before gave it"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"25" doc:"Entries on a page"`
}

type removalV1 struct {
	Number  int64     `json:"number" doc:"Public number of the petition"`
	URL     string    `json:"url" format:"uri" doc:"Page for people"`
	Kind    string    `json:"kind" doc:"refused, hidden, removed, or withdrawn by the petitioner after publication"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason,omitempty" doc:"Code of the profile, or an officer's words"`
	Article string    `json:"article,omitempty" doc:"Article the reason rests on"`
	Note    string    `json:"note,omitempty" doc:"The officer's explanation"`
}

type removalsV1 struct {
	Data  []removalV1 `json:"data" doc:"The latest first"`
	Total int         `json:"total"`
	Next  string      `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
}

type demandV1 struct {
	Authority   string        `json:"authority"`
	On          petition.Date `json:"on" doc:"The day it arrived"`
	Petition    int64         `json:"petition,omitempty" doc:"Public number, when it was about one"`
	Ground      string        `json:"ground" doc:"Legal ground as the authority named it"`
	Asked       string        `json:"asked"`
	Done        string        `json:"done"`
	Reason      string        `json:"reason"`
	PublishedOn petition.Date `json:"published_on,omitzero" doc:"Where a law delayed the publication"`
	DelayGround string        `json:"delay_ground,omitempty" doc:"That law"`
}

type demandsV1 struct {
	Data         []demandV1 `json:"data" doc:"The latest first"`
	Total        int        `json:"total" doc:"Of those that may be read"`
	NotYetPublic int        `json:"not_yet_public" doc:"Those that a law forbids to show yet"`
	Next         string     `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
}

type figuresV1 struct {
	Month   string           `json:"month,omitempty" doc:"YYYY-MM; absent for all time"`
	Acts    map[string]int64 `json:"acts" doc:"submitted, confirmed, returned, published, published-auto, refused, appealed, appeal-granted, appeal-lost, withdrawn, removed"`
	Reasons map[string]int64 `json:"reasons" doc:"Refusals by the code of their reason"`
	Median  *int             `json:"median_workdays,omitempty" doc:"Working days from the queue to the decision"`
	P90     *int             `json:"p90_workdays,omitempty" doc:"Working days within which 90 per cent were decided"`
}

type moderationV1 struct {
	Waiting           int         `json:"waiting" doc:"For a decision, now"`
	Overdue           int         `json:"overdue" doc:"Of them, those whose term ran out"`
	Complaints        int         `json:"complaints" doc:"Waiting for a decision, now"`
	ComplaintsOverdue int         `json:"complaints_overdue"`
	All               figuresV1   `json:"all"`
	Months            []figuresV1 `json:"months" doc:"The latest first"`
}

func (a *API) v1Removals(ctx context.Context, in *registerAsked) (*removalsV1, error) {
	offset, err := parseCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &removalsV1{Data: []removalV1{}}
	list, total, err := a.Store.PublicRemovals(ctx, offset, in.Limit)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		out.Data = append(out.Data, a.removalV1(r))
	}
	out.Total, out.Next = total, following(offset, len(list), total)
	return out, nil
}

// following is the cursor of the next page, "" after the last.
func following(offset, n, total int) string {
	if end := offset + n; n > 0 && end < total {
		return cursor(end)
	}
	return ""
}

func (a *API) removalV1(r store.Removal) removalV1 {
	out := removalV1{Number: r.Number, URL: fmt.Sprintf("%s/%s/petitions/%d", a.base, a.Law.Languages[0].Lang, r.Number), Kind: string(r.Kind),
		At: r.At, Reason: r.Reason, Note: r.Note}
	if law := a.Laws[r.Profile]; law != nil {
		if reason, ok := law.Reason(r.Reason); ok {
			out.Article = reason.Cite.Article
		}
	}
	return out
}

func (a *API) v1Demands(ctx context.Context, in *registerAsked) (*demandsV1, error) {
	offset, err := parseCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	list, err := a.Store.PublicDemands(ctx, a.Law.Today(a.Now()), offset, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &demandsV1{Data: []demandV1{}, Total: list.Total, NotYetPublic: list.Hidden, Next: following(offset, len(list.Items), list.Total)}
	for _, d := range list.Items {
		out.Data = append(out.Data, demandV1{d.Authority, d.On, d.Number, d.Ground, d.Asked, d.Done, d.Reason, d.PublishOn, d.DelayGround})
	}
	return out, nil
}

func (a *API) v1Moderation(ctx context.Context, _ *struct{}) (*moderationV1, error) {
	m, err := a.Store.PublicModeration(ctx, a.Now())
	if err != nil {
		return nil, err
	}
	all, months := petition.Statistics(m.Tallies)
	out := &moderationV1{Waiting: m.Waiting, Overdue: m.Overdue, Complaints: m.Complaints, ComplaintsOverdue: m.ComplaintsOverdue,
		All: figures(all), Months: []figuresV1{}}
	for _, f := range months {
		out.Months = append(out.Months, figures(f))
	}
	return out, nil
}

func figures(f petition.Figures) figuresV1 {
	out := figuresV1{Month: f.Month, Acts: map[string]int64{}, Reasons: f.Reasons}
	for _, act := range petition.Acts() {
		out.Acts[string(act)] = f.Acts[act]
	}
	if f.Median != petition.NoDays {
		out.Median, out.P90 = &f.Median, &f.P90
	}
	return out
}

// exported answers with a CSV file of rows, the head first.
func (a *API) exported(name string, rows func(ctx context.Context) ([][]string, error)) httpd.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
		key := "csv:" + name + "@" + a.Law.Today(a.Now()).String()
		return a.Cache.Serve(w, r, key, cacheMinutes, func(ctx context.Context) (httpd.Rendered, error) {
			all, err := rows(ctx)
			if err != nil {
				return httpd.Rendered{}, err
			}
			var b bytes.Buffer
			out := csv.NewWriter(&b)
			for _, row := range all {
				for i := range row {
					row[i] = defused(row[i])
				}
				if err := out.Write(row); err != nil {
					return httpd.Rendered{}, err
				}
			}
			out.Flush()
			return httpd.Rendered{ContentType: "text/csv; charset=utf-8", Body: b.Bytes()}, out.Error()
		})
	}
}

// exportMax is how many entries an export has; the rest is in /api/v1.
const exportMax = 10_000

func (a *API) removalRows(ctx context.Context) ([][]string, error) {
	list, _, err := a.Store.PublicRemovals(ctx, 0, exportMax)
	rows := [][]string{{"petition", "url", "kind", "at", "reason", "article", "note"}}
	for _, x := range list {
		r := a.removalV1(x)
		rows = append(rows, []string{strconv.FormatInt(r.Number, 10), r.URL, r.Kind, r.At.UTC().Format(time.RFC3339), r.Reason, r.Article, r.Note})
	}
	return rows, err
}

func (a *API) demandRows(ctx context.Context) ([][]string, error) {
	list, err := a.Store.PublicDemands(ctx, a.Law.Today(a.Now()), 0, exportMax)
	rows := [][]string{{"authority", "on", "petition", "ground", "asked", "done", "reason", "published_on", "delay_ground"}}
	for _, d := range list.Items {
		number := ""
		if d.Number != 0 {
			number = strconv.FormatInt(d.Number, 10)
		}
		rows = append(rows, []string{d.Authority, d.On.String(), number, d.Ground, d.Asked, d.Done, d.Reason, d.PublishOn.String(), d.DelayGround})
	}
	return rows, err
}

// moderationRows has a row for each month, the latest first.
func (a *API) moderationRows(ctx context.Context) ([][]string, error) {
	m, err := a.Store.PublicModeration(ctx, a.Now())
	if err != nil {
		return nil, err
	}
	head := []string{"month"}
	for _, act := range petition.Acts() {
		head = append(head, string(act))
	}
	all, months := petition.Statistics(m.Tallies)
	reasons := slices.Sorted(maps.Keys(all.Reasons))
	head = append(head, "median_workdays", "p90_workdays")
	for _, code := range reasons {
		head = append(head, "refused:"+code)
	}
	rows := [][]string{head}
	for _, f := range months {
		row := []string{f.Month}
		for _, act := range petition.Acts() {
			row = append(row, strconv.FormatInt(f.Acts[act], 10))
		}
		median, p90 := "", ""
		if f.Median != petition.NoDays {
			median, p90 = strconv.Itoa(f.Median), strconv.Itoa(f.P90)
		}
		row = append(row, median, p90)
		for _, code := range reasons {
			row = append(row, strconv.FormatInt(f.Reasons[code], 10))
		}
		rows = append(rows, row)
	}
	return rows, nil
}
