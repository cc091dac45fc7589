package docx

import (
	"fmt"

	"tidemark/dashboard/brief/doc"
)

// English metric units, in which drawings are measured.
const (
	emuPerPixel = 9525
	emuPerTwip  = 635
)

func (w *writer) picture(p doc.Picture) {
	w.open("Picture", "")
	w.drawing(p)
	w.main.put(`</w:p>`)
	if p.Caption != "" {
		w.paragraph("PictureCaption", doc.Text(p.Caption))
	}
}

func (w *writer) drawing(p doc.Picture) {
	w.pictures++
	cx, cy := w.size(p)
	m := &w.main
	m.put(`<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%d" cy="%d"/>`, cx, cy)
	m.put(`<wp:docPr id="%d" name="%s" descr="%s"/>`, w.pictures, p.Name, p.Alt)
	m.put(`<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>`)
	m.put(`<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>`)
	m.put(`<pic:nvPicPr><pic:cNvPr id="%d" name="%s" descr="%s"/><pic:cNvPicPr/></pic:nvPicPr>`, w.pictures, p.Name, p.Alt)
	m.put(`<pic:blipFill><a:blip r:embed="%s">`, w.embed("png", p.PNG))
	if len(p.SVG) > 0 {
		m.put(`<a:extLst><a:ext uri="{96DAC541-7B7A-43D3-8B79-37D633B846F1}"><asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" r:embed="%s"/></a:ext></a:extLst>`, w.embed("svg", p.SVG))
	}
	m.put(`</a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill>`)
	m.put(`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>`, cx, cy)
	m.put(`</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`)
}

// size is a picture's own size, or what the page has room for.
func (w *writer) size(p doc.Picture) (cx, cy int64) {
	width, height := int64(textWidth*emuPerTwip), int64(textHeight*emuPerTwip)
	if w.boxed {
		width -= 2 * inset * emuPerTwip
	}
	cx, cy = int64(p.Width)*emuPerPixel, int64(p.Height)*emuPerPixel
	if cx > width {
		cx, cy = width, max(1, cy*width/cx)
	}
	if cy > height {
		cx, cy = max(1, cx*height/cy), height
	}
	return cx, cy
}

// embed gives the id of a picture's file.
func (w *writer) embed(ending string, data []byte) string {
	name := fmt.Sprintf("media/picture%d.%s", w.pictures, ending)
	w.media = append(w.media, file{"word/" + name, data})
	return w.main.inner("image", name)
}
