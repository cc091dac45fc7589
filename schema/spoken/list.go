package spoken

import "strings"

// list is the word of each byte, in the order of the alphabet: row by row of eight. Four
// to seven letters; no two share their first four letters or differ in fewer than three
// letters.
var list = strings.Fields(`
acorn album almond amber anchor animal apple apricot
artist aspen atlas autumn avocado awning bakery balcony
bamboo banana banjo barrel basket beaver bicycle blossom
bottle bronze bubble butter cabin cactus camel candle
canyon carpet cashew celery cement cherry chimney circus
clover cobalt coconut coffee compass copper cotton cousin
cricket crystal curtain custard cymbal daisy dancer decimal
denim desert diamond doctor dolphin domino donkey dragon
drawer drum eagle echo eclipse elbow eleven emerald
engine evening fabric farmer feather fiddle finger firefly
flannel flute folder forest fossil freckle friend furnace
galaxy garlic gazelle giraffe glacier goblet gondola gravel
grocery guitar gymnast hallway hammock harvest helmet herring
hickory holiday horizon hotel hundred hyphen indigo insect
island ivory jaguar jasmine jelly jewel jigsaw journal
jungle juniper kitchen kiwi koala ladder lagoon lantern
laundry lemon leopard library lilac lizard lobster locker
lotus lunch magnet mammal marble meadow melody mermaid
meteor midday mirror mitten morning mosaic muffin museum
mystery napkin nephew nickel noodle nutmeg oatmeal ocean
october olive onion opera orange orbit orchard ostrich
outdoor oxygen painter palace pancake paper parrot pasture
peanut pelican pencil perfume piano pickle picnic pigeon
pillow pioneer plaster poppy potato prairie pumpkin puppet
purple pyramid python quarter quilt rabbit radish rainbow
raisin recipe ribbon river ruby runner saffron sailor
sandal saturn school scissor seagull season shampoo sixteen
slipper spinach sponge square stadium student summer sweater
syrup teapot temple tennis thirty thunder topaz tractor
trellis trumpet tulip tuxedo twelve twenty unicorn vacuum
valley vanilla village vinegar violet volcano voyage waffle
walnut weekend whisker window wrinkle yogurt zebra zigzag
`)
