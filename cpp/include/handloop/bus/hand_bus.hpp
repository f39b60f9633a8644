// The servos of a hand on their lines: all are asked at once, and all are told in one packet a
// line.
#pragma once

#include <memory>
#include <vector>

#include "handloop/bus/line.hpp"
#include "handloop/bus/servo_drive.hpp"

namespace handloop::bus {

class HandBus {
 public:
  // Lines must outlive it. Throws std::invalid_argument where drives and lines do not fit.
  HandBus(std::vector<Line*> lines, const std::vector<ServoDrive>& drives,
          const DeratingConfig& derating)
      : lines_(std::move(lines)) {
    if (lines_.empty() || drives.size() < lines_.size() || drives.size() > kMaxJoints) {
      throw std::invalid_argument(
          "a hand on a bus has 1 to 32 servos, and none of its lines is empty");
    }
    for (const ServoDrive& drive : drives) joints_.emplace_back(drive, lines_.size(), derating);
    for (std::size_t l = 0; l < lines_.size(); ++l) form_group(l);
  }

  std::size_t size() const { return joints_.size(); }
  ServoJoint& joint(std::size_t i) { return joints_[i]; }
  const ServoJoint& joint(std::size_t i) const { return joints_[i]; }
  const Reading& reading(std::size_t i) const {
    return groups_[joints_[i].line()]->reading(place_[i]);
  }
  // What a servo answers to a question of its own; good until its line is used again.
  Line::Answer ask(std::size_t i, Registers block) {
    const std::size_t l = joints_[i].line();
    if (gone_[l]) return {Outcome::kGone, {}};
    block.id = joints_[i].id();
    const Bytes request = lines_[l]->protocol().read(block);
    const Line::Answer answer = lines_[l]->ask(block.id, request, block.size);
    gone_[l] = answer.outcome == Outcome::kGone;
    return answer;
  }
  std::int64_t clock() const { return lines_[0]->wire().now(); }  // [ns]
  bool real_time() const { return lines_[0]->wire().real_time(); }
  // Whether a line was found to be gone. Nothing more is said on that one, so that the others do
  // not wait for it.
  bool gone() const { return std::find(gone_.begin(), gone_.end(), true) != gone_.end(); }
  // Lines and servos that were given up are asked again.
  void forgive() {
    gone_.fill(false);
    for (const auto& group : groups_) group->forgive();
  }

  void pass_until(std::int64_t time) {
    for (Line* line : lines_) line->wire().pass_until(time);
  }

  // The block of every cycle. All lines speak before any is listened to, so that their servos
  // answer at the same time.
  void hear() {
    const auto each_line = [&](auto work) {
      for (std::size_t l = 0; l < lines_.size(); ++l) {
        if (!gone_[l]) work(*lines_[l], *groups_[l]);
      }
    };
    each_line([](Line& line, Group& group) { line.begin(group); });
    each_line([](Line& line, Group& group) { line.finish(group); });
    for (std::size_t i = 0; i < size(); ++i) {
      if (reading(i).outcome == Outcome::kGone) gone_[joints_[i].line()] = true;
    }
  }

  // `say(i)`: what servo i is told; a block without bytes: nothing.
  template <typename Say>
  void tell(Say&& say) {
    for (std::size_t l = 0; l < lines_.size(); ++l) {
      std::array<Registers, kMaxJoints> blocks;
      std::size_t told = 0;
      for (std::size_t i = 0; i < size(); ++i) {
        if (joints_[i].line() != l) continue;
        const Registers block = say(i);
        if (block.size > 0) blocks[told++] = block;
      }
      if (told > 0 && !gone_[l]) gone_[l] = !tell_line(*lines_[l], {blocks.data(), told});
    }
  }

 private:
  void form_group(std::size_t l) {
    std::vector<Registers> reads, writes;
    place_.resize(size());
    for (std::size_t i = 0; i < size(); ++i) {
      if (joints_[i].line() != l) continue;
      place_[i] = reads.size();
      reads.push_back(joints_[i].drive().read);
      writes.push_back(joints_[i].rest());
    }
    if (reads.empty()) throw std::invalid_argument("a line has no servo of the hand");
    if (lines_[l]->protocol().group_write(writes).empty()) {
      throw std::invalid_argument("line " + std::to_string(l) +
                                  ": its goals do not fit in one packet of its family");
    }
    groups_.push_back(std::make_unique<Group>(reads));
  }

  // Where the family has no packet for all of them, one after the other. False: the line is gone.
  static bool tell_line(Line& line, std::span<const Registers> blocks) {
    const Bytes request = line.protocol().group_write(blocks);
    if (!request.empty()) return line.tell(request);
    for (const Registers& block : blocks) {
      const auto answer = line.ask(block.id, line.protocol().write(block), 0);
      if (answer.outcome == Outcome::kGone) return false;
    }
    return true;
  }

  std::vector<Line*> lines_;
  std::vector<ServoJoint> joints_;
  std::vector<std::size_t> place_;  // of each joint, in the group of its line
  std::vector<std::unique_ptr<Group>> groups_;
  std::array<bool, kMaxJoints> gone_{};  // lines
};

}  // namespace handloop::bus
