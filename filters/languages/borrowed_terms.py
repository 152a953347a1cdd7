"""Terms that are the same in many languages: of music, the notes of a scale, and fixed expressions.

`sempre` alone is Italian; `pizzicato sempre` is what a score says. So the words of a term count as borrowed only where
the whole of it stands.
"""

from __future__ import annotations

MUSIC_TERMS = frozenset(
    """
    andante andantino allegro allegretto adagio adagietto largo larghetto presto prestissimo vivace vivacissimo grave moderato
    maestoso forte fortissimo piano pianissimo mezzoforte mezzopiano crescendo decrescendo diminuendo sforzando staccato
    staccatissimo legato pizzicato arco tremolo vibrato glissando rubato accelerando ritardando rallentando ritenuto
    stringendo cantabile dolce dolcissimo espressivo agitato grazioso scherzando scherzo sostenuto marcato tenuto portamento
    coda segno fermata tutti ripieno continuo obbligato ostinato arpeggio arpeggiato cadenza toccata sonata sonatina concerto
    cantata aria arioso recitativo rondo fuga intermezzo nocturne impromptu capriccio libretto falsetto soprano contralto
    basso viola violoncello fagotto flauto oboe corno tromba timpani sordino sordini mosso animato
    calando morendo perdendosi smorzando mesto giocoso marcia ponticello bravura lacrimoso pesante leggiero tranquillo
    """.split()  # noqa: SIM905  a list of words reads best as words
)
"""Words of scores that are evidence for no language."""

MUSIC_COMPANIONS = frozenset(
    """
    ma non troppo molto poco più piu meno assai con senza sempre subito quasi e ed da dal al alla alle colla del della un a
    tanto sotto mezza mezzo voce sul col legno fine prima seconda tempo solo lento giusto primo tutta capo volta brio fuoco
    moto spirito forza possibile menuetto siciliana
    """.split()  # noqa: SIM905
)
"""Words that are of a score where they stand beside such a term."""

SCALE = frozenset(
    "do re ré mi fa sol la si ti so ut dó fá lá đô rê sa ga ma pa dha ni doh ray me fah soh lah te".split()  # noqa: SIM905
)
"""Names of notes; three in a row are a scale."""

_PHRASES = """
    à la carte|à la minute|prix fixe|à la mode|a la carte|a la mode|à propos|au contraire|au courant|au fait|au gratin|au jus|au lait|au naturel|au pair
    au revoir|avant garde|beau geste|beau monde|belle époque|bête noire|billet doux|bon appétit|bon mot|bon vivant|bon voyage
    carte blanche|cause célèbre|c'est la vie|chaise longue|comme ci comme ça|comme il faut|coup d'état|coup de grâce|coup d'œil|coup d'oeil
    coup de théâtre|crème brûlée|crème de la crème|crème fraîche|creme fraiche|cri de coeur|cul de sac|de rigueur|de trop|déjà vu
    double entendre|eau de cologne|eau de parfum|eau de toilette|eau de vie|en bloc|en garde|en masse|en passant|en route|en suite
    enfant terrible|esprit de corps|fait accompli|faute de mieux|faux pas|femme fatale|fin de siècle|fleur de lis|fleur de sel
    foie gras|folie à deux|force majeure|grand jeté|grands jetés|grand prix|haute couture|haute cuisine|hors d'oeuvre
    hors d'oeuvres|hors d'œuvre|hors d'œuvres|hors de combat|idée fixe|je ne sais quoi|joie de vivre|laissez faire|laissez passer
    l'art pour l'art|mardi gras|ménage à trois|mise en place|mise en scène|mot juste|ne plus ultra|noblesse oblige|nom de guerre
    nom de plume|nouveau riche|nouveaux riches|nouvelle cuisine|objet d'art|objets d'art|pas de deux|pas de trois|pas de quatre
    petit bourgeois|petit four|petits fours|petit pois|pièce de résistance|pied à terre|pot pourri|prêt à porter|raison d'être
    raison d'etre|rite de passage|rites de passage|roman à clef|sang froid|sans serif|savoir faire|savoir vivre|table d'hôte
    tête à tête|tour de force|tout court|tout de suite|trompe l'oeil|trompe l'œil|vis à vis|vol au vent|maître d'hôtel
    port de bras|rond de jambe|tarte tatin|pain au chocolat|boeuf bourguignon|coq au vin|crêpe suzette|pâte à choux|beurre blanc
    sous vide|en papillote|n'est ce pas|plus ça change|sans souci|tant mieux|tant pis|fines herbes|bain marie
    al dente|al fresco|alla breve|alla prima|alla turca|bel canto|che sarà sarà|con brio|cosa nostra|da capo|dal segno
    dolce far niente|dolce vita|ma non troppo|mezza voce|mezzo forte|mezzo piano|opera buffa|opera seria|poco a poco|prima donna
    prima vista|sotto voce|terza rima|tutti frutti|viola d'amore|oboe d'amore|viola da gamba|viola da braccio|basso continuo
    quattro stagioni|quattro formaggi|frutti di mare|alla carbonara|alla puttanesca|aglio e olio|cacio e pepe|in flagrante
    commedia dell'arte|una corda|tre corde|tutte le corde|ottava alta|ottava bassa
    dulce de leche|arroz con pollo|al pastor|carne asada|chile con carne|chili con carne|pico de gallo|huevos rancheros
    queso fresco|agua fresca|aguas frescas|tres leches|cinco de mayo|día de los muertos|el niño|la niña|hasta la vista
    mi casa es su casa|vaya con dios|que será será|qué será será|café con leche|mano a mano|flor de sal|tierra del fuego
    bossa nova|pastel de nata|pastéis de nata|pão de queijo|caldo verde
    sturm und drang|vorsprung durch technik|ding an sich|gott sei dank|auf wiedersehen|über alles|von und zu|kaffee und kuchen
    ad absurdum|ad hominem|ad infinitum|ad libitum|ad nauseam|cogito ergo sum|cui bono|de jure|de facto|deus ex machina|et cetera
    ex nihilo|habeas corpus|in absentia|in extremis|in loco parentis|in medias res|ipso facto|magnum opus|mea culpa
    memento mori|mutatis mutandis|non sequitur|per capita|per diem|post hoc ergo propter hoc|post mortem|prima facie|pro bono
    pro rata|quid pro quo|quod erat demonstrandum|quod erat faciendum|reductio ad absurdum|rigor mortis|sine die|sui generis
    tabula rasa|terra incognita|veni vidi vici|vox populi|cum laude|magna cum laude|summa cum laude|et alii|inter alia|a fortiori
    a posteriori|a priori|sub specie aeternitatis|sine qua non|ceteris paribus|carpe diem|alea iacta est|errare humanum est
"""
PHRASES: tuple[str, ...] = tuple(
    phrase.strip() for phrase in _PHRASES.strip().replace("\n", "|").split("|") if phrase.strip()
)
"""Expressions that many languages use as they are; blanks stand for hyphens, too."""

ACCENTED_TERMS = frozenset(
    """
    solfège plié pliés jeté jetés canapé canapés entrepôt dépôt née attaché coulée crèches décolletage décolleté éclat entente
    gâteau gâteaux glacé lamé moiré outré mâché piqué roué soupçon tréma étude études prélude préludes brûlée chassé chassés
    relevé penché développé fouetté fouettés assemblé manège décalage frisée maté bûche crêperie fraîche niçoise provençal
    provençale garçon comté velouté négligée négligé divorcé divorcée employé mêlée régime régimes repoussé séance séances
    vérité ré dó fá lá đô rê señores doña vicuña habañero jäger gemütlich röntgen
    naiveté levée cachaça landé güiro güiros tiramisù attachés föhn araçari araçaris
    bric-à-brac éclairs tapenade vinaigrette crémant cuvée cuvées rosés terroir œuvres tirés piñon piñons mojito
    """.split()  # noqa: SIM905
)
"""Borrowed words with accents: evidence for no language."""
