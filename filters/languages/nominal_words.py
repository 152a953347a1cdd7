"""Common words that stand in a noun phrase: articles, prepositions, numerals, adjectives and a few nouns.

A gloss is a term, `(greatest common divisor)`, and a slip is a clause or a word that joins clauses, `(therefore)`.
The common words that are not listed here, verbs, pronouns, adverbs and conjunctions, tell the two apart.
"""

from __future__ import annotations

NOMINAL_WORDS: dict[str, str] = {
    "en": """
        the a an of in on at by for with from to per than and or no all any some every each both other another same own least
        most more less few fewer many much one two three four five six seven eight nine ten first second third last next
        total whole half equal equals right left good great number numbers answer question problem way ways thing things
        between above below under over up down out off near correct wrong sure
    """,
    "es": """
        el la los las un una unos unas lo al del de a con sin sobre por para en entre y e o u más menos mucho mucha muchos
        muchas poco pocos pocas todo toda todos todas otro otra otros otras mismo misma mismos cada dos tres cuatro cinco seis
        siete ocho nueve diez primero segundo tercero último siguiente ambos ambas ejemplo respuesta pregunta número números
        igual mitad cantidad veces cosa cosas manera forma suma resta nuestro nuestra nuestros su sus mi mis cierto correcto
        correcta bueno
    """,
    "fr": """
        le la les un une des du de au aux à en dans sur sous avec sans pour par vers chez entre contre et ou plus moins très
        tout toute tous toutes autre autres même mêmes chaque deux trois quatre cinq six sept huit neuf dix premier première
        deuxième dernier dernière exemple réponse question problème nombre nombres égal égale moitié fois chose choses façon
        manière reste bon bonne juste faux vrai son sa ses mon ma mes notre nos votre vos leur leurs d'un d'une certains
    """,
    "de": """
        der die das den dem des ein eine einen einem einer eines kein keine und oder mit ohne für gegen um durch nach vor von
        aus zu zum zur im am ins vom beim auf an in über unter zwischen neben mehr weniger viel viele vielen alle alles allen
        aller andere anderen anderer gleich gleiche gleichen mein meine dein sein seine seinen ihre ihren ihrer unser unsere
        zwei drei vier fünf sechs sieben acht neun zehn erste ersten zweite zweiten dritte letzte beispiel antwort frage
        aufgabe zahl zahlen hälfte mal weise richtig falsch gut ganz
    """,
    "it": """
        il lo la i gli le un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal dalla dai dalle in
        nel nello nella nei negli nelle con su sul sulla sui sulle per tra fra e ed o più meno molto molta molti molte poco
        pochi tutto tutta tutti tutte altro altra altri altre stesso stessa stessi ogni due tre quattro cinque sei sette otto
        nove dieci primo secondo terzo ultimo esempio risposta domanda problema numero numeri uguale metà volte cosa cose modo
        mio mia tuo suo sua suoi sue nostro nostra giusto corretto
    """,
    "pt": """
        o a os as um uma uns umas de do da dos das em no na nos nas num numa ao aos à às por pelo pela pelos pelas para com sem
        sobre entre e ou mais menos muito muita muitos muitas pouco poucos todo toda todos todas outro outra outros outras
        mesmo mesma mesmos cada dois duas três quatro cinco seis sete oito nove dez primeiro segundo terceiro último próximo
        ambos exemplo resposta pergunta questão número números igual metade quantidade vezes coisa coisas maneira forma soma
        resta seu sua seus suas meu minha nosso nossa bom certo correto correta
    """,
    "nl": """
        de het een en of in op aan bij met zonder voor tegen door naar van uit tot om over onder tussen naast per meer minder
        veel weinig alle elk elke andere dezelfde hetzelfde zelfde twee drie vier vijf zes zeven acht negen tien eerste tweede
        derde laatste voorbeeld antwoord vraag opgave getal getallen gelijk helft keer totaal manier goed mijn jouw onze
    """,
    "vi": """
        và hoặc của cho với trong ngoài trên dưới từ đến theo các những mỗi mọi tất cả một hai ba bốn năm sáu bảy tám chín mười
        đầu tiên sau trước cuối cùng số tổng hiệu tích thương giá trị bài toán đáp án câu hỏi phép nhiều ít nửa bằng lần cách
        người ngày nhất chia nhân cộng trừ tính đúng sai
    """,
    "tr": """
        ve veya için ile bir iki üç dört beş altı yedi sekiz dokuz on her tüm bütün çok az en ilk son toplam soru cevap sayı
        sayısı değer değeri eksi artı çarpı bölü doğru yanlış aynı başka
    """,
    "pl": """
        i a oraz lub w we na do z ze od po pod nad przy przed przez dla bez między więcej mniej każdy każda każde inny inne dwa
        trzy cztery pięć sześć siedem osiem dziewięć dziesięć liczba liczby wynik odpowiedź razem
    """,
    "id": """
        dan atau yang ini itu di ke dari pada untuk dengan tanpa antara lebih paling semua setiap banyak sedikit satu dua tiga
        empat lima enam tujuh delapan sembilan sepuluh pertama kedua ketiga terakhir jumlah hasil nilai jawaban soal bilangan
        angka
    """,
    "sv": """
        och eller den det de en ett på i av för med utan till från under över mellan mer mindre mycket varje alla allt andra
        samma två tre fyra fem sex sju åtta nio tio svar svaret fråga tal talet antal antalet lika hälften min mitt mina sin
        sitt sina deras
    """,
}
