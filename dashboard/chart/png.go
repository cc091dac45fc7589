package chart

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"

	"golang.org/x/image/vector"
)

// mostScale is far above what print needs; mostPixels is what a page of notes may take.
const (
	mostScale  = 8
	mostPixels = 100_000_000
)

var errScale = errors.New("scale must be above 0, at most 8, and fit the chart's size")

// PNG is the scene as a picture of W x scale by H x scale pixels, with Heading and
// Source higher by these. Text is shaped with the embedded fonts, so that a picture
// is the same on each machine.
func (s Scene) PNG(p Palette, scale float64, watermark string) ([]byte, error) {
	page := s.sheet(watermark)
	if !(scale > 0 && scale <= mostScale) || page.W*page.height*scale*scale > mostPixels {
		return nil, fmt.Errorf("chart png: %w", errScale)
	}
	setter, err := newTypesetter()
	if err != nil {
		return nil, fmt.Errorf("chart png: %w", err)
	}
	c := &canvas{palette: p, form: s.Form, patterns: s.Patterns, rtl: s.RTL, scale: scale, top: page.top, setter: setter,
		img: image.NewRGBA(image.Rect(0, 0, pixels(page.W*scale), pixels(page.height*scale)))}
	c.sheet(page)
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed} // a third of the time, for a tenth more bytes
	if err := e.Encode(&b, c.img); err != nil {
		return nil, fmt.Errorf("chart png: %w", err)
	}
	return b.Bytes(), nil
}

func pixels(v float64) int { return int(math.Round(v)) }

// canvas paints shapes onto pixels.
type canvas struct {
	palette    Palette
	form       Form
	patterns   []Pattern
	rtl        bool
	scale, top float64
	setter     *typesetter
	img        *image.RGBA
	raster     vector.Rasterizer
}

func (c *canvas) sheet(page sheet) {
	draw.Draw(c.img, c.img.Bounds(), image.NewUniform(c.palette.Card), image.Point{}, draw.Src)
	for _, shape := range page.Shapes {
		c.shape(shape)
	}
	for _, t := range page.texts {
		c.text(t)
	}
	c.watermark(page.mark)
}

// at turns a place in the scene into one on the canvas.
func (c *canvas) at(p Point) Point { return Point{p.X * c.scale, (p.Y - c.top) * c.scale} }

func (c *canvas) shape(shape Shape) {
	switch v := shape.(type) {
	case Path:
		c.path(v)
	case Rect:
		if v.Role != RoleBackground {
			c.path(Path{v.Role, [][]Point{{{v.X, v.Y}, {v.X + v.W, v.Y}, {v.X + v.W, v.Y + v.H}, {v.X, v.Y + v.H}}}, true})
		}
	case Circle:
		c.circle(v)
	case Text:
		c.text(v)
	}
}

func (c *canvas) path(p Path) {
	l := c.palette.look(p.Role, c.form)
	var o outline
	for _, part := range p.Parts {
		points := make([]Point, len(part))
		for i, at := range part {
			points[i] = c.at(at)
		}
		switch {
		case p.Closed:
			o.polygon(points)
		case l.dash[1] > 0:
			for _, piece := range dashes(points, l.dash[0]*c.scale, l.dash[1]*c.scale) {
				o.stroke(piece, l.width*c.scale, l.round)
			}
		default:
			o.stroke(points, l.width*c.scale, l.round)
		}
	}
	if p.Closed {
		c.area(o, p.Role, l)
	} else {
		c.fill(o, l.stroke)
	}
}

func (c *canvas) circle(v Circle) {
	l, at := c.palette.look(v.Role, c.form), c.at(Point{v.X, v.Y})
	var disc outline
	disc.disc(at, v.R*c.scale, false)
	c.area(disc, v.Role, l)
	if l.width > 0 {
		var ring outline
		ring.disc(at, (v.R+l.width/2)*c.scale, false)
		ring.disc(at, (v.R-l.width/2)*c.scale, true)
		c.fill(ring, l.stroke)
	}
}

func (c *canvas) text(t Text) {
	l := c.palette.look(t.Role, c.form)
	line := c.setter.shape(t.S, l.size*c.scale, l.bold, c.rtl)
	at := c.at(Point{t.X, t.Y})
	c.fill(line.outline(at.X-line.advance*[...]float64{0, .5, 1}[t.Anchor], at.Y), l.fill)
}

// watermark is turned around its middle.
func (c *canvas) watermark(m watermark) {
	if m.text == "" {
		return
	}
	line := c.setter.shape(m.text, m.size*c.scale, true, c.rtl)
	middle := c.at(Point{m.x, m.y})
	o := line.outline(middle.X-line.advance/2, middle.Y+m.baseline*c.scale)
	sin, cos := math.Sincos(m.degrees * math.Pi / 180)
	for i := range o {
		for j, p := range o[i].p {
			x, y := p.X-middle.X, p.Y-middle.Y
			o[i].p[j] = Point{middle.X + x*cos - y*sin, middle.Y + x*sin + y*cos}
		}
	}
	c.fill(o, c.palette.look(RoleWatermark, c.form).fill)
}

// area fills with a colour, or with the hatch of the role.
func (c *canvas) area(o outline, role Role, l look) {
	if !hatched(role) {
		c.fill(o, l.fill)
		return
	}
	box := c.box(o)
	mask := c.mask(o, box)
	for _, p := range c.patterns {
		if p.Role == role && !box.Empty() {
			lines := c.mask(p.lines(box, c.scale), box)
			for i, a := range mask.Pix {
				mask.Pix[i] = uint8(uint(a) * uint(lines.Pix[i]) / 0xff)
			}
			draw.DrawMask(c.img, box, image.NewUniform(l.fill), image.Point{}, mask, box.Min, draw.Over)
		}
	}
}

// lines are those of a hatch over a box, rising to the right.
func (p Pattern) lines(box image.Rectangle, scale float64) outline {
	var o outline
	apart := p.Pitch * scale * math.Sqrt2
	height := float64(box.Dy())
	first := math.Floor(float64(box.Min.X+box.Min.Y)/apart) * apart
	for sum := first; sum < float64(box.Max.X+box.Max.Y)+apart; sum += apart {
		x := sum - float64(box.Min.Y)
		top, bottom := Point{x, float64(box.Min.Y)}, Point{x - height, float64(box.Max.Y)}
		o.stroke([]Point{top, bottom}, p.StrokeWidth*scale, false)
	}
	return o
}

// box is the pixels that an outline can touch.
func (c *canvas) box(o outline) image.Rectangle {
	if len(o) == 0 {
		return image.Rectangle{}
	}
	low, high := o.bounds()
	return image.Rect(int(math.Floor(low.X)), int(math.Floor(low.Y)), int(math.Ceil(high.X)), int(math.Ceil(high.Y))).
		Intersect(c.img.Bounds())
}

// fill rasterises no more than the outline's box: the whole canvas for each shape
// would take a hundred times as long.
func (c *canvas) fill(o outline, with color.NRGBA) {
	if box := c.box(o); !box.Empty() && with.A > 0 {
		c.load(o, box)
		c.raster.Draw(c.img, box, image.NewUniform(with), image.Point{})
	}
}

func (c *canvas) mask(o outline, box image.Rectangle) *image.Alpha {
	mask := image.NewAlpha(box)
	if !box.Empty() {
		c.load(o, box)
		c.raster.Draw(mask, box, image.Opaque, image.Point{})
	}
	return mask
}

func (c *canvas) load(o outline, box image.Rectangle) {
	c.raster.Reset(box.Dx(), box.Dy())
	f := func(p Point) (x, y float32) {
		return float32(p.X - float64(box.Min.X)), float32(p.Y - float64(box.Min.Y))
	}
	for _, s := range o {
		ax, ay := f(s.p[0])
		bx, by := f(s.p[1])
		dx, dy := f(s.p[2])
		switch s.n {
		case 0:
			c.raster.ClosePath()
			c.raster.MoveTo(ax, ay)
		case 1:
			c.raster.LineTo(ax, ay)
		case 2:
			c.raster.QuadTo(ax, ay, bx, by)
		case 3:
			c.raster.CubeTo(ax, ay, bx, by, dx, dy)
		}
	}
	c.raster.ClosePath()
}
