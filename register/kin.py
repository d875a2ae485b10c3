"""Which first names mean the same person: Bill is William, Peggy is Margaret.

A table of our own, of British use: the ``nicknames`` package is American, has no Gaz, Shaz or Wilf, and pairs Bill with
Fred. A pair only ever makes a candidate: the surname has to fit, and who several could be is nobody for sure.
"""

from __future__ import annotations

_SHORT_FORMS = """
abigail abi abby
abraham abe bram
adelaide addie ada
adrian ade
agnes aggie nessie
alan al
alastair alasdair alistair al ali
albert al bert bertie
alexander alex al alec alick sandy sasha xander lex
alexandra alex ali lexi sandy sasha
alfred alf alfie fred
alice ali allie
alison ali ally
amanda mandy manda
amelia millie amy mel
andrea andi
andrew andy drew
angela angie ange
angus gus
anita nita
ann annie nan nancy
anna annie
anne annie nan nancy
annabel bel bella
anthony tony ant
antonia toni
archibald archie baldie
arthur art artie
aubrey aub
augustus gus
barbara babs barb barbie
barnaby barney
barry baz bazza
bartholomew bart
beatrice bea bee trixie
belinda bel lindy
benedict ben benny
benjamin ben benny benjie
bernadette bernie detta
bernard bernie
bernice bernie
bertram bert bertie
bethany beth
beverley bev
brenda bren
brian bri
bridget bridie biddy bridgie
bronwen bron
cameron cam
camilla milla millie
carl charlie
caroline carrie caz
carolyn lyn caz
cassandra cass cassie
catherine cath cathy cat cate kate katie kitty kay
cecilia cissie celia
cedric ced
charles charlie chas chuck chaz
charlotte charlie lottie lotte char
chloe clo
christian chris
christina chris chrissie tina
christine chris chrissie tina
christopher chris kit topher christy
clifford cliff
clive cli
constance connie
cornelius con
craig craigie
crispin cris
cynthia cindy
cyril cy
daniel dan danny
danielle dani
darren daz dazza
david dave davey davy dai
deborah deb debs debbie
deirdre dee
denise den
dennis den denny
derek del des
desmond des
diana di
diane di
dominic dom nic
donald don donny
dorothea dot dottie thea
dorothy dot dottie dolly dodie
douglas doug dougie
duncan dunc
edith edie
edmund ed eddie ned ted teddy
edward ed eddie ned ted teddy
edwin ed eddie win ted
eileen eily
elaine ellie lainey
eleanor ellie nell nellie nora lena el
elizabeth liz lizzie beth betty betsy bess bessie eliza libby lisbeth
ellen nell nellie ellie
emily em emmy milly
emma em emmy
emmanuel manny
enid eni
eric ricky rick
ernest ern ernie
esther essie hettie
eugene gene
eunice eunie
evelyn evie eve lyn
felicity fliss flick fliss lissie
ferdinand ferdie
fiona fi fifi
florence flo florrie flossie
frances fran frankie fanny francie
francis frank frankie fran
franklin frank
frederick fred freddie freddy
gabriel gabe
gabrielle gabby gabs
gareth gaz
gary gaz gazza
gavin gav
geoffrey geoff jeff
george georgie dod
georgina georgie gina
gerald gerry ged
geraldine gerry geri
gerard gerry ged
gertrude gertie trudy
gideon gid
gilbert gil bert
gillian gill gilly jill
gladys glad
gordon gordie
graham gray
gregory greg
griffith griff
gwendoline gwen gwennie wendy
gwendolen gwen gwennie wendy
gwyneth gwyn gwen
hannah han
harold harry hal
harriet hattie harri hettie
harrison harry
heather hev
helen nell nellie lena hels
helena lena nell
henrietta hettie etta
henry harry hal hank
herbert herb herbie bert bertie
hilary hils
hilda hildy
hubert bert hugh
hugh hughie huw
humphrey humph
ian iain
ignatius iggy
imogen immy
irene rene renie
isaac ike zac
isabel bel bella izzy isa
isabella bella izzy bel
isobel izzy bel isa
jacob jake
jacqueline jackie jacqui jac
james jim jimmy jamie jem
jane janie jenny janey
janet jan jess
janice jan
jasmine jaz jas
jason jase
jean jeannie
jeffrey jeff
jemima jem mima
jennifer jen jenny jenni
jeremiah jerry jem
jeremy jez jem jerry
jessica jess jessie
joan joanie
joanna jo joey
joanne jo
jocelyn jos joss
john jack johnny jon jock
jonathan jon jonny jonty
joseph joe joey jos
josephine jo josie
joshua josh
joyce joy
judith judy judi jude
julia jules
julian jules
julie jules
juliet jules
karen kaz kazza
katharine kath kathy kate katie kitty kay
katherine kath kathy kate katie kitty kay kat
kathleen kath kathy kate katie kay kathie
kathryn kath kathy kate katie kay kat
keith kei
kelly kel
kenneth ken kenny
kevin kev
kimberley kim
kirsten kirsty kirstie
laurence larry laurie loz lol
lawrence larry laurie loz lol
lavinia vinnie
leonard len lenny leo
leonora nora leo
leopold leo
leslie les
lesley les
lewis lew lou
lilian lil lily
lillian lil lily
linda lin lindy lyn
llewellyn lew lyn
lionel leo
lorraine lori lol
louis lou louie
louisa lou lulu
louise lou lulu
lucinda lucy cindy
lucy lou luce
luke lukey
lydia lyddie
lynette lyn
mabel may mab
madeleine maddie maddy lena
magdalena magda lena maggie
malcolm mal malc
marcus marc
margaret maggie meg mags peggy peg madge marge margie greta maisie
margery marge margie
marianne mari
marie mari
marilyn lyn
marion mari
marjorie marge margie jorie
martha mattie marti
martin marty mart
mary molly polly may mamie mimi
matilda tilly mattie maud
matthew matt mattie
maurice mo maury morrie
maureen mo reenie
maxine max
maximilian max
maxwell max
melanie mel
melissa mel lissa missy
mervyn merv
michael mick mike mickey micky mitch
michelle shell chelle mich
mildred millie
millicent millie
miranda mandy randa
mohammed mo
muhammad mo
mohamed mo
monica mon
montague monty
montgomery monty
mordecai mordy
morgan mo
moses mo
muriel mu
nancy nan
natalie nat
natasha tash tasha nat
nathan nat nate
nathaniel nat nate
neil neily
neville nev
nicholas nick nicky nico
nicola nicky nic nikki
nigel nige
noel noelly
norman norm
octavia tavy
olive ollie
oliver ollie olly
olivia liv livvy ollie
oscar ozzy
oswald oz ozzie
pamela pam pammy
patricia pat patsy patty trish tricia tina
patrick pat paddy rick
paula polly
pauline polly
penelope pen penny
percival percy perce val
peter pete
philip phil pip
phillip phil pip
philippa pip pippa phil
phoebe bee
phyllis phyl phyll
priscilla cilla pris
prudence prue
quentin quin
rachel rach rae shelly
ralph ralphie
randolph randy dolph
raymond ray
rebecca becky becca bex beck
reginald reg reggie rex
reuben ben
rhiannon rhi
richard dick rick ricky rich richie dickie
robert bob bobby rob robbie bert robin
roberta bobbie
roderick rod roddy
rodney rod
roger rodge
roland rollo roly
ronald ron ronnie
rosalind ros roz rosie
rosamund ros roz rosie
rose rosie
rosemary rose rosie romy
rowan ro
rowena ro
roxanne roxy
rupert rupe bert
russell russ
ruth ruthie
samantha sam sammy
samuel sam sammy
sandra sandy
sarah sally sadie sar
scott scotty
sebastian seb bas
shane shaney
sharon shaz shaza shazza
sheila shee
sheridan sherry
shirley shirl
sidney sid
sydney sid syd
simon si
solomon sol
sophia soph
sophie soph
spencer spence
stanley stan
stella stell
stephanie steph
stephen steve stevie ste
steven steve stevie ste
stuart stu stew
stewart stu stew
susan sue susie suzy sukie
susannah sue susie suzy sukie
suzanne sue suzy
sylvester sly
sylvia syl
tabitha tabby
tamara tammy
tamsin tam tammy
terence terry tel
teresa terry tess tessa
theresa terry tess tessa
thelma thel
theodore theo ted teddy
thomas tom tommy
tiffany tiff
timothy tim timmy
tobias toby
tracey trace
trevor trev
tristan tris
ursula ursie
valerie val
vanessa nessa ness
vera vee
verity vee
vernon vern
veronica ronnie vera nicky
victor vic
victoria vicky vikki tori vic
vincent vince vinnie
violet vi
virginia ginny ginger
vivien viv
vivienne viv
walter wally walt wat
wendy wend
wilfred wilf fred wilfie
wilhelmina mina willa minnie
william bill billy will willie liam wills
winifred win winnie freda
winston win
yvonne vonnie
zachary zac zach zak
zoe zo
"""


def _pairs() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _SHORT_FORMS.split("\n"):
        if line:
            formal, *short = line.split()
            for one in short:
                found.setdefault(formal, set()).add(one)
                found.setdefault(one, set()).add(formal)
    return {name: frozenset(others) for name, others in found.items()}


SHORT_FORMS = _pairs()
"""Each first name with all that may stand for it, whichever of them the register has."""
_NONE = frozenset[str]()


def kin(name: str) -> frozenset[str]:
    """The other first names by which somebody of this one may be called, folded; empty for most."""
    return SHORT_FORMS.get(name, _NONE)
