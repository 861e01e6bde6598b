"""The small world of the model in the box: short dialogues about a few hundred facts.

Written for this project. A dialogue is one to four turns; a turn is a question in one of several
phrasings and its answer. `turns` also says which questions are asked literally in `train.py`'s
examination, so that a figure can be given for how much of its world the model has learnt.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

Turn = tuple[str, str]

CAPITALS = {
    "France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid",
    "Portugal": "Lisbon", "England": "London", "Ireland": "Dublin", "Norway": "Oslo",
    "Sweden": "Stockholm", "Finland": "Helsinki", "Denmark": "Copenhagen", "Poland": "Warsaw",
    "Austria": "Vienna", "Greece": "Athens", "Hungary": "Budapest", "Japan": "Tokyo",
    "China": "Beijing", "India": "New Delhi", "Egypt": "Cairo", "Kenya": "Nairobi",
    "Canada": "Ottawa", "Mexico": "Mexico City", "Cuba": "Havana", "Peru": "Lima",
    "Chile": "Santiago", "Brazil": "Brasilia", "Turkey": "Ankara", "Switzerland": "Bern",
}  # fmt: skip
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December"]  # fmt: skip
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
COLOURS = {
    "the sky": "blue", "grass": "green", "snow": "white", "coal": "black", "a lemon": "yellow",
    "blood": "red", "a carrot": "orange", "chocolate": "brown", "an elephant": "grey",
    "a flamingo": "pink", "a plum": "purple", "milk": "white", "a tomato": "red",
}  # fmt: skip
MIXTURES = {("red", "blue"): "purple", ("blue", "yellow"): "green", ("red", "yellow"): "orange",
            ("black", "white"): "grey", ("red", "white"): "pink"}  # fmt: skip
SOUNDS = {
    "dog": "barks", "cat": "meows", "cow": "moos", "duck": "quacks", "sheep": "bleats",
    "lion": "roars", "horse": "neighs", "pig": "grunts", "bee": "buzzes", "frog": "croaks",
    "snake": "hisses", "wolf": "howls",
}  # fmt: skip
LEGS = {"dog": 4, "cat": 4, "cow": 4, "duck": 2, "sheep": 4, "horse": 4, "bee": 6, "ant": 6,
        "spider": 8, "snake": 0, "fish": 0, "bird": 2}  # fmt: skip
YOUNG = {"dog": "puppy", "cat": "kitten", "cow": "calf", "duck": "duckling", "sheep": "lamb",
         "horse": "foal", "pig": "piglet", "lion": "cub"}  # fmt: skip
OPPOSITES = {
    "hot": "cold", "big": "small", "up": "down", "left": "right", "day": "night", "black": "white",
    "old": "young", "fast": "slow", "open": "closed", "wet": "dry", "happy": "sad", "high": "low",
    "early": "late", "full": "empty", "light": "dark", "long": "short",
}  # fmt: skip
NAMES = ["Ann", "Ben", "Carla", "David", "Emma", "Felix", "Grace", "Henry", "Ida", "Jack", "Kate",
         "Leo", "Mia", "Nora", "Oscar", "Paul", "Rosa", "Sam", "Tina", "Walter"]  # fmt: skip
GREETINGS = [
    ("Hello!", "Hello! What would you like to know?"),
    ("Hi", "Hello! What would you like to know?"),
    ("Good morning.", "Good morning! What would you like to know?"),
    ("Who are you?", "I am a very small language model that lives in a box."),
    ("What is your name?", "My name is Box."),
    ("What can you do?", "I know capitals, colours, days, animals and small numbers."),
    ("How are you?", "I am well, thank you."),
    ("Thank you.", "You are welcome."),
    ("Thanks!", "You are welcome."),
    ("Goodbye.", "Goodbye!"),
    ("How many days are in a week?", "There are seven days in a week."),
    ("How many months are in a year?", "There are twelve months in a year."),
    ("Count to five.", "One, two, three, four, five."),
    ("Count to ten.", "One, two, three, four, five, six, seven, eight, nine, ten."),
    ("Name the days of the week.", ", ".join(DAYS) + "."),
    ("Name the months of the year.", ", ".join(MONTHS) + "."),
]
UNKNOWN = ["Albania", "Iceland", "Sudan", "Fiji", "Laos", "Togo", "Malta", "Nepal"]


def capitals() -> list[Turn]:
    """Countries and their capitals, both ways round."""
    turns = []
    for country, capital in CAPITALS.items():
        answer = f"The capital of {country} is {capital}."
        turns += [(f"What is the capital of {country}?", answer),
                  (f"What's the capital of {country}?", answer),
                  (f"Tell me the capital of {country}.", answer),
                  (f"Which city is the capital of {country}?", answer),
                  (f"{capital} is the capital of which country?",
                   f"{capital} is the capital of {country}.")]  # fmt: skip
    return turns + [(f"What is the capital of {place}?", f"I do not know the capital of {place}.")
                    for place in UNKNOWN]  # fmt: skip


def calendar() -> list[Turn]:
    """What comes after and before each day and month."""
    turns = []
    for names, kind in ((DAYS, "day"), (MONTHS, "month")):
        for i, name in enumerate(names):
            for other, place in ((names[(i + 1) % len(names)], "after"), (names[i - 1], "before")):
                answer = f"{other} comes {place} {name}."
                turns += [(f"What {kind} comes {place} {name}?", answer),
                          (f"Which {kind} comes {place} {name}?", answer)]  # fmt: skip
    return turns


def arithmetic() -> list[Turn]:
    """Sums and differences of numbers up to ten."""
    turns = []
    for a in range(11):
        for b in range(11):
            turns += [(f"What is {a} + {b}?", f"{a} + {b} = {a + b}."),
                      (f"What is {a} plus {b}?", f"{a} + {b} = {a + b}.")]  # fmt: skip
            if a >= b:
                turns.append((f"What is {a} - {b}?", f"{a} - {b} = {a - b}."))
    for low, high in pairwise(NUMBERS):
        turns += [(f"What number comes after {low}?", f"{high.capitalize()} comes after {low}."),
                  (f"What number comes before {high}?",
                   f"{low.capitalize()} comes before {high}.")]  # fmt: skip
    return turns


def colours() -> list[Turn]:
    """What colour things are, and what colours mix to."""
    turns = []
    for thing, colour in COLOURS.items():
        answer = f"{thing.capitalize()} is {colour}."
        turns += [(f"What colour is {thing}?", answer), (f"What color is {thing}?", answer)]
    for (one, other), mixture in MIXTURES.items():
        for a, b in ((one, other), (other, one)):
            turns.append((f"What do you get when you mix {a} and {b}?",
                          f"{a.capitalize()} and {b} make {mixture}."))  # fmt: skip
    return turns


def animals() -> list[Turn]:
    """Sounds, legs and young of animals; opposites of words."""
    turns = []
    for animal, sound in SOUNDS.items():
        turns += [(f"What does a {animal} do?", f"A {animal} {sound}."),
                  (f"What sound does a {animal} make?", f"A {animal} {sound}."),
                  (f"Which animal {sound}?", f"A {animal} {sound}.")]  # fmt: skip
    for animal, legs in LEGS.items():
        article = "an" if animal[0] == "a" else "a"
        count = NUMBERS[legs] if legs else "no"
        turns.append((f"How many legs does {article} {animal} have?",
                      f"{article.capitalize()} {animal} has {count} legs."))  # fmt: skip
    for animal, young in YOUNG.items():
        answer = f"A young {animal} is called a {young}."
        turns.append((f"What is a young {animal} called?", answer))
    for one, other in OPPOSITES.items():
        for a, b in ((one, other), (other, one)):
            turns.append((f"What is the opposite of {a}?", f"The opposite of {a} is {b}."))
    return turns


def introduction(generator: random.Random) -> list[Turn]:
    """A name told and asked for again, which only the conversation so far can answer."""
    name = generator.choice(NAMES)
    said = generator.choice([f"My name is {name}.", f"I am {name}.", f"Hello, I'm {name}."])
    return [(said, f"Hello, {name}! What would you like to know?"),
            ("What is my name?", f"Your name is {name}.")]  # fmt: skip


SUBJECTS: dict[str, Callable[[], list[Turn]]] = {
    "capitals": capitals, "calendar": calendar, "arithmetic": arithmetic, "colours": colours,
    "animals": animals, "greetings": lambda: GREETINGS,
}  # fmt: skip


def subjects() -> list[list[Turn]]:
    """The facts of each subject."""
    return [make() for make in SUBJECTS.values()]


def dialogue(generator: random.Random, facts: list[list[Turn]]) -> list[Turn]:
    """One to three turns, each on a subject; some begin with a name and end by asking for it."""
    turns = [generator.choice(generator.choice(facts)) for _ in range(generator.randint(1, 3))]
    if generator.random() < 0.15:
        told, asked = introduction(generator)
        turns = [told, *turns[1:], asked]
    return turns
