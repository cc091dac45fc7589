package dashboard

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"tidemark/dashboard/chart"
	"tidemark/dashboard/view"
)

// figureRoutes are figures at stable addresses: /fig/{id}, and with .svg, .png, .csv,
// .json and .zip. A pin in the query names the releases for ever.
func (d *Dashboard) figureRoutes() {
	d.mux.HandleFunc("GET /fig/{file}", d.figure)
}

// figureFile writes a figure in one format.
type figureFile struct {
	ending, kind string
	write        func(*view.Reader, view.Resolved) ([]byte, error)
}

var figureFiles = []figureFile{
	{"svg", "image/svg+xml", figureSVG},
	{"png", "image/png", figurePNG},
	{"csv", csvType, figureCSV},
	{"json", "application/json", figureJSON},
	{"zip", "application/zip", figureZip},
}

const csvType = "text/csv; charset=utf-8; header=present"

// svgPolicy keeps a picture that is opened in a browser from doing anything.
const svgPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'"

// fileOf splits what an address asks for; nil is the page.
func fileOf(path string) (id string, file *figureFile) {
	for i := range figureFiles {
		if id, ok := strings.CutSuffix(path, "."+figureFiles[i].ending); ok {
			return id, &figureFiles[i]
		}
	}
	return path, nil
}

func (d *Dashboard) figure(w http.ResponseWriter, r *http.Request) {
	name, file := fileOf(r.PathValue("file"))
	id, err := view.ParseFigureID(name)
	if err != nil {
		d.fail(w, r, errNoPage)
		return
	}
	v, err := d.open(r)
	if err == nil {
		err = figureQuery(v.Q)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	f, err := v.Resolve(id)
	if err == nil && file == nil {
		err = d.figurePage(w, v, f)
	} else if err == nil {
		err = file.serve(w, v, f)
	}
	if err != nil {
		d.figureFail(w, r, v, err)
	}
}

// figureQuery refuses what changes nothing in a figure: its id says what it shows.
func figureQuery(q view.Query) error {
	only := view.Query{Lang: q.Lang, Pin: q.Pin, Time: q.Time}
	if q.Encode() != only.Encode() {
		return errQuery
	}
	return nil
}

func (f *figureFile) serve(w http.ResponseWriter, v *view.Reader, figure view.Resolved) error {
	body, err := f.write(v, figure)
	if err != nil {
		return err
	}
	if f.ending == "svg" {
		w.Header().Set("Content-Security-Policy", svgPolicy)
	}
	download(w, f.kind, v.FileName(figure.ID.String(), f.ending), body)
	return nil
}

// download hands a file out to be kept.
func download(w http.ResponseWriter, kind, name string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(body)
}

func figureSVG(v *view.Reader, f view.Resolved) ([]byte, error) {
	_, scene, err := v.Draw(f)
	if err != nil {
		return nil, err
	}
	return scene.SVG(chart.Light(), watermark(v)), nil
}

// pngScale makes a picture sharp in print.
const pngScale = 2

func figurePNG(v *view.Reader, f view.Resolved) ([]byte, error) {
	_, scene, err := v.Draw(f)
	if err != nil {
		return nil, err
	}
	return scene.PNG(chart.Light(), pngScale, watermark(v))
}

func watermark(v *view.Reader) string {
	if !v.Demo {
		return ""
	}
	return v.L.Say("fig.watermark")
}

func figureCSV(_ *view.Reader, f view.Resolved) ([]byte, error) {
	var b bytes.Buffer
	err := f.CSV(&b)
	return b.Bytes(), err
}

func figureJSON(v *view.Reader, f view.Resolved) ([]byte, error) { return view.JSON(v.File(f)) }

func figureZip(v *view.Reader, f view.Resolved) ([]byte, error) { return v.FigurePackage(f) }

// figureFrame is a figure's page, without the frame of the others: it can be printed, or
// kept, as it is.
type figureFrame struct {
	Lang, Dir, Title string
	Demo             bool
	Source           []string
	Figure           view.Figure
	Home             string
}

func (d *Dashboard) figurePage(w http.ResponseWriter, v *view.Reader, f view.Resolved) error {
	figure, scene, err := v.Draw(f)
	if err != nil {
		return err
	}
	source := strings.Split(scene.Source, "\n")
	if figure.Chart == "" {
		scene.Heading, scene.Source = "", "" // the page says them
		figure.Chart = inBothLights(scene, watermark(v))
	}
	t, err := d.pages.alone(v.L, "figure")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	frame := figureFrame{v.L.Tag, v.L.Dir(), f.Name, v.Demo, source, figure, f.Home}
	if err := t.Execute(&b, frame); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.L.Tag)
	_, _ = w.Write(b.Bytes())
	return nil
}

// inBothLights is the picture of a table, whose colours are not those of the page's style:
// once for a light screen and for paper, once for a dark one.
func inBothLights(scene chart.Scene, watermark string) template.HTML {
	dark := scene
	dark.ID += "-dark"
	return `<div class="on-light">` + template.HTML(scene.SVG(chart.Light(), watermark)) + `</div>` +
		`<div class="on-dark">` + template.HTML(dark.SVG(chart.Dark(), watermark)) + `</div>`
}

// figureFail says why there is no such figure.
func (d *Dashboard) figureFail(w http.ResponseWriter, r *http.Request, v *view.Reader, err error) {
	if !errors.Is(err, view.ErrUntold) {
		d.fail(w, r, err)
		return
	}
	home := view.Query{Lang: v.Q.Lang}
	d.show(w, r, v, http.StatusNotFound, "problem", problem{v.L.Say("fig.untold.title"), v.L.Say("fig.untold"), home.At("/")})
}
