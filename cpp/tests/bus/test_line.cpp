#include "handloop/bus/line.hpp"

#include <doctest/doctest.h>

#include "handloop/bus/dynamixel_protocol.hpp"
#include "handloop/bus/feetech_protocol.hpp"
#include "scripted_wire.hpp"

namespace handloop::testing::line {
namespace {

using namespace bus;

constexpr std::int64_t kPatience = 2'000'000;  // [ns]

LineConfig settings(bool fast = false) {
  LineConfig config;
  config.return_delay = 0;
  config.patience = kPatience;
  config.fast = fast;
  return config;
}

// e-Manual: present positions of servos 1 and 2, and of 3, 7 and 4 in the fast reply.
constexpr const char* kBoth = "FFFFFD00 FE 0900 82 840004000102 CEFA";
constexpr const char* kFirst = "FFFFFD00 01 0800 55 00 A6000000 8CC0";
constexpr const char* kSecond = "FFFFFD00 02 0800 55 00 1F080000 BABE";
constexpr const char* kFast = "FFFFFD00 FE 0A00 8A 84000400 030704 20F2";
constexpr const char* kFastReply =
    "FFFFFD00 FE 1900 55  00 03 A6000000 8408  00 07 1F080000 16CA  00 04 FF030000 D19E";

struct Pair {
  ScriptedWire wire;
  DynamixelProtocol protocol;
  Line line{wire, protocol, settings()};
  Group group{std::array<Registers, 2>{{{1, 132, 4, {}}, {2, 132, 4, {}}}}};

  void read(const std::string& reply) {
    wire.when(kBoth, reply);
    line.read(group);
  }
  Outcome outcome(std::size_t i) const { return group.reading(i).outcome; }
};

const std::string kReplies = std::string(kFirst) + kSecond;

TEST_CASE("the sync read of the manual") {
  Pair pair;
  pair.read(kReplies);
  CHECK(pair.outcome(0) == Outcome::kAnswered);
  CHECK(pair.outcome(1) == Outcome::kAnswered);
  CHECK(octets(pair.group.data(0)) == hex("A6000000"));
  CHECK(octets(pair.group.data(1)) == hex("1F080000"));
  CHECK(pair.wire.sent.size() == 1);
  // No waiting once the last one has spoken: request, delay, two answers.
  CHECK(pair.wire.now() == (16 + 2 * 15) * ScriptedWire::kByte + 50'000);
}

TEST_CASE("an answer is waited for from when its request has left, behind what was told before") {
  Pair pair;
  const Octets told(1000, 0);
  const std::int64_t leaving = 1000 * ScriptedWire::kByte;
  CHECK(pair.line.tell(told));
  pair.wire.when(kBoth, kReplies, leaving + kPatience / 2);
  pair.line.read(pair.group);
  CHECK(pair.outcome(0) == Outcome::kAnswered);
  CHECK(pair.outcome(1) == Outcome::kAnswered);
}

TEST_CASE("a servo that is silent costs its patience, and those behind it are asked again") {
  Pair pair;
  pair.wire.when(kBoth, "");
  pair.line.read(pair.group);
  CHECK(pair.outcome(0) == Outcome::kSilent);
  CHECK(pair.outcome(1) == Outcome::kSilent);
  CHECK(pair.wire.sent.size() == 2);
  CHECK(pair.wire.sent[1].size() == 15);
  CHECK(pair.wire.now() == 2 * kPatience + (16 + 15) * ScriptedWire::kByte);
}

TEST_CASE("an answer that was given up is not taken for the one to the next request") {
  dynamixel::PacketWriter w;
  const Registers second{2, 132, 4, {}};
  const std::string only_second = text(dynamixel::sync_read(w, {&second, 1}));
  const std::string now = text(dynamixel::status(w, 2, 0, hex("2A080000")));
  for (const bool fresh : {true, false}) {
    Pair pair;
    pair.wire.when(kBoth, kReplies, kPatience + 60'000);
    pair.wire.when(only_second, fresh ? now : "", 200'000);
    pair.line.read(pair.group);
    CHECK(pair.outcome(0) == Outcome::kSilent);
    CHECK(octets(pair.group.data(1)) == hex(fresh ? "2A080000" : "1F080000"));
    CHECK(pair.outcome(1) == (fresh ? Outcome::kAnswered : Outcome::kSilent));
    // Nobody was to blame, so nobody is skipped the next time.
    pair.wire.when(kBoth, kReplies, kPatience + 60'000);
    pair.wire.when(only_second, fresh ? now : "", 200'000);
    pair.line.read(pair.group);
    pair.read(kReplies);
    CHECK(pair.outcome(0) == Outcome::kAnswered);
    CHECK(pair.outcome(1) == Outcome::kAnswered);
  }
}

TEST_CASE("a damaged answer costs itself, and its servo keeps what it said before") {
  Pair pair;
  pair.read(kReplies);
  const std::int64_t before = pair.group.reading(0).time;
  pair.read("FFFFFD00 01 0800 55 00 A7000000 8CC0" + std::string(kSecond));
  CHECK(pair.outcome(0) == Outcome::kDamaged);
  CHECK(octets(pair.group.data(0)) == hex("A6000000"));
  CHECK(pair.group.reading(0).time == before);
  CHECK(pair.outcome(1) == Outcome::kAnswered);
  pair.read(kFirst + std::string("FFFFFD00 02 0800 55 00 1F08"));
  CHECK(pair.outcome(0) == Outcome::kAnswered);
  CHECK(pair.outcome(1) == Outcome::kDamaged);
}

TEST_CASE("a refusal and an alert come with the servo that has them") {
  Pair pair;
  dynamixel::PacketWriter w;
  const std::string refusal = text(dynamixel::status(w, 2, dynamixel::kAlert | 7));
  pair.read(kFirst + refusal);
  CHECK(pair.outcome(1) == Outcome::kAnswered);
  CHECK(pair.group.reading(1).refusal == 7);
  CHECK(pair.group.reading(1).alarms == 1);
  CHECK(pair.group.reading(0).refusal == 0);
}

TEST_CASE("the fast sync read of the manual, whole and cut off") {
  for (const bool whole : {true, false}) {
    ScriptedWire wire;
    DynamixelProtocol protocol;
    Line line(wire, protocol, settings(true));
    Group group(std::array<Registers, 3>{{{3, 132, 4, {}}, {7, 132, 4, {}}, {4, 132, 4, {}}}});
    wire.when(kFast, whole ? kFastReply : "FFFFFD00 FE 1900 55  00 03 A6000000 8408");
    line.read(group);
    CHECK(octets(group.data(0)) == hex("A6000000"));
    CHECK(group.reading(0).outcome == Outcome::kAnswered);
    CHECK(group.reading(1).outcome == (whole ? Outcome::kAnswered : Outcome::kSilent));
    CHECK(group.reading(2).outcome == (whole ? Outcome::kAnswered : Outcome::kSilent));
    CHECK(wire.sent.size() == (whole ? 1 : 2));
  }
}

TEST_CASE("a line that is gone says so at once") {
  Pair pair;
  pair.read(kReplies);
  pair.wire.unplugged = true;
  pair.line.read(pair.group);
  CHECK(pair.outcome(0) == Outcome::kGone);
  CHECK(pair.outcome(1) == Outcome::kGone);
  CHECK(pair.line.ask(1, pair.protocol.ping(1), 3).outcome == Outcome::kGone);
}

TEST_CASE("noise without an end does not hold the line") {
  Pair pair;
  const std::string noise(200'000, 'A');
  pair.read(noise);
  CHECK(pair.outcome(0) != Outcome::kAnswered);
  CHECK(pair.wire.now() < 10 * kPatience);
}

TEST_CASE("one servo is asked, and an answer that is late belongs to nobody") {
  Pair pair;
  pair.wire.when("FFFFFD00 01 0300 01 194E", "FFFFFD00 01 0700 55 00 060426 655D");
  const Line::Answer answer = pair.line.ask(1, pair.protocol.ping(1), 3);
  REQUIRE(answer.outcome == Outcome::kAnswered);
  CHECK(octets(answer.reply.data) == hex("060426"));
  pair.wire.when("FFFFFD00 01 0300 01 194E", "FFFFFD00 01 0700 55 00 060426 655D", 5'000'000);
  CHECK(pair.line.ask(1, pair.protocol.ping(1), 3).outcome == Outcome::kSilent);
  pair.wire.pass(10'000'000);
  CHECK(pair.line.ask(1, pair.protocol.ping(1), 3).outcome == Outcome::kSilent);
}

TEST_CASE("all who are there answer a census, and the line listens until its end") {
  Pair pair;
  const char* everyone = "FFFFFD00 FE 0300 01 3142";
  const std::string first = "FFFFFD00 01 0700 55 00 060426 655D";
  dynamixel::PacketWriter w;
  const std::string fifth = text(dynamixel::status(w, 5, dynamixel::kAlert, hex("240450")));
  pair.wire.when(everyone, first + "1234" + fifth + kSecond);
  std::vector<Reply> replies;
  std::vector<Octets> data;
  const auto note = [&](const Reply& reply) {
    replies.push_back(reply);
    data.push_back(octets(reply.data));
  };
  const Bytes ping = pair.protocol.ping(dynamixel::kBroadcast);
  REQUIRE(pair.line.census(ping, 3, 700'000'000, note));
  REQUIRE(replies.size() == 2);  // a status that is no answer to a ping is none
  CHECK(replies[0].id == 1);
  CHECK(data[0] == hex("060426"));
  CHECK(replies[1].id == 5);
  CHECK(replies[1].alarms == 1);
  CHECK(data[1] == hex("240450"));
  CHECK(pair.wire.now() == 700'000'000);
}

TEST_CASE("a census ends in noise, and on a line that is gone") {
  Pair pair;
  const auto ignore = [](const Reply&) {};
  const auto ask = [&] {
    return pair.line.census(pair.protocol.ping(dynamixel::kBroadcast), 3, 1'000'000, ignore);
  };
  pair.wire.when("FFFFFD00 FE 0300 01 3142", std::string(200'000, 'A'));
  CHECK(ask());
  CHECK(pair.wire.now() < 2'000'000);
  pair.wire.unplugged = true;
  CHECK_FALSE(ask());
  CHECK_FALSE(pair.line.census({}, 3, 1'000'000, ignore));
}

TEST_CASE("what families share is said in the words of each") {
  DynamixelProtocol dynamixel;
  CHECK(octets(dynamixel.factory_reset(1, Kept::kId)) == hex("FFFFFD00 01 0400 06 01 A1E6"));
  CHECK(dynamixel.factory_reset(1, Kept::kNothing)[8] == 0xFF);
  CHECK(dynamixel.factory_reset(1, Kept::kIdAndBaud)[8] == 0x02);
  CHECK(octets(dynamixel.clear_turns(1)) == hex("FFFFFD00 01 0800 10 014458 4C22 B1DC"));
  FeetechProtocol feetech;
  CHECK(octets(feetech.factory_reset(1, Kept::kNothing)) == hex("FF FF 01 02 06 F6"));
  CHECK(feetech.factory_reset(1, Kept::kId).empty());
  CHECK(octets(feetech.clear_turns(1)) == hex("FF FF 01 02 0A F2"));
}

TEST_CASE("servos without sync read are asked one by one") {
  ScriptedWire wire;
  FeetechProtocol protocol(false);
  Line line(wire, protocol, settings());
  Group group(std::array<Registers, 2>{{{1, 0x38, 2, {}}, {2, 0x38, 2, {}}}});
  wire.when("FF FF 01 04 02 38 02 BE", "FF FF 01 04 00 18 05 DD");
  line.read(group);
  CHECK(group.reading(0).outcome == Outcome::kAnswered);
  CHECK(octets(group.data(0)) == hex("1805"));
  CHECK(group.reading(1).outcome == Outcome::kSilent);
}

TEST_CASE("a group that cannot be asked is refused") {
  CHECK_THROWS_AS(Group({}), std::invalid_argument);
  CHECK_THROWS_AS(Group(std::array<Registers, 1>{{{1, 0, 65, {}}}}), std::invalid_argument);
  CHECK_THROWS_AS(Group(std::array<Registers, 2>{{{1, 0, 2, {}}, {1, 4, 2, {}}}}),
                  std::invalid_argument);
}

}  // namespace
}  // namespace handloop::testing::line
